"""The main job, start to end: two lines of text to a rendered, talking character in ``out/``."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "out"
TEXT = "[happy 0.5] Hi, good to *see* you!\n[neutral] 你们周末营业吗？我们周末正常营业，营业时间为上午9点到晚上8点。\n"


def main() -> int:
    OUT.mkdir(exist_ok=True)
    script, film, sheet = OUT / "demo.txt", OUT / "demo.mp4", OUT / "demo.png"
    script.write_text(TEXT, encoding="utf-8")
    bake = ["-m", "linly_blender", "bake", "--script", script, "--character", "demo", "--seed", "7"]
    bake += ["--out", OUT / "demo.blend", "--render", film]
    for command in (bake, [ROOT / "scripts/contact_sheet.py", film, sheet]):
        code = subprocess.run([sys.executable, *map(str, command)], cwd=ROOT, check=False).returncode
        if code:
            return code
    print("The shot:", *(f"  {path.relative_to(ROOT)}" for path in (OUT / "demo.blend", film, sheet)), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
