"""``python -m linly_blender.training.pose --out models``: train the pose networks."""

import argparse
import sys
from pathlib import Path

from ...errors import UserError
from .config import DEFAULT
from .run import train_pose


def main() -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m linly_blender.training.pose", description="Train the pose networks."
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the models and their card")
    parser.add_argument("--config", type=Path, default=DEFAULT, help="settings (JSON)")
    parser.add_argument("--data", type=Path, help="folder with helsinki_prosody and facegood_mouth")
    parser.add_argument("--recordings", type=Path, help="folder of Live Link Face CSV files, a WAV beside each")
    parser.add_argument("--cache", type=Path, default=Path(".cache/training"), help="where lessons are kept")
    given = parser.parse_args()

    def report(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    try:
        train_pose(given.out, given.config, given.data, given.recordings, given.cache, report)
    except UserError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
