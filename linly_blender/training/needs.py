"""What training needs beside the engine; asked before anything is done, and without importing any of it."""

import sys
from importlib.util import find_spec
from typing import Final

from ..errors import UserError

PYTHON: Final = (3, 11)
PACKAGES: Final = {"torch": "torch==2.13.0", "onnx": "onnx>=1.17", "matplotlib": "matplotlib>=3.8"}
"""Requirements, as the project's extras have them, by the module that each brings."""


def check_can_train() -> None:
    """Raise UserError, which says what to install, unless this Python can train."""
    if sys.version_info[:2] != PYTHON:
        wanted, found = ("{}.{}".format(*version[:2]) for version in (PYTHON, sys.version_info))
        raise UserError(
            f"Training runs on Python {wanted}, and this is Python {found}. Run it with python{wanted}, "
            f"after: pip install {PACKAGES['torch']}"
        )
    missing = [requirement for module, requirement in PACKAGES.items() if find_spec(module) is None]
    if missing:
        quoted = "' '".join(missing)
        raise UserError(f"Training needs {' and '.join(missing)}. Run: pip install '{quoted}'")
