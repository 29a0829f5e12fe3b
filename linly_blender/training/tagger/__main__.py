"""``python -m linly_blender.training.tagger --data FOLDER --out models``."""

import sys

from .train import main

if __name__ == "__main__":
    sys.exit(main())
