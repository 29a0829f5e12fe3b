"""``python -m linly_blender``."""

from .cli import main

if __name__ == "__main__":
    main()
