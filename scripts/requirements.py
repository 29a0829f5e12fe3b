"""Print the project's requirements with the extras named, one a line."""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).resolve().parent.parent / "pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
print(*project["dependencies"], *(requirement for extra in sys.argv[1:] for requirement in extras[extra]), sep="\n")
