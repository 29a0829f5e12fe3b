"""Keeping what libraries print from burying what the program says."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Final

_OUTPUT: Final = 1
_ERRORS: Final = 2
"""File descriptors."""


@contextmanager
def silence(*, errors: bool) -> Iterator[None]:
    """Nothing is printed in the block, be it from Python or from a library beneath it: output, and errors if wanted."""
    with ExitStack() as stack, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for descriptor in (_OUTPUT, _ERRORS) if errors else (_OUTPUT,):
            try:
                ours = os.dup(descriptor)
            except OSError:  # it is closed, so nothing comes of it anyway
                continue
            os.dup2(nowhere.fileno(), descriptor)
            stack.callback(os.close, ours)
            stack.callback(os.dup2, ours, descriptor)
        stack.enter_context(redirect_stdout(nowhere))
        if errors:
            stack.enter_context(redirect_stderr(nowhere))
        yield
