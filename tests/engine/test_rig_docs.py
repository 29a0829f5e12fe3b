"""What docs/rigs.md says of conventions and files is so."""

import re
from pathlib import Path

from linly_blender.rig import files
from linly_blender.rig.conventions import load_conventions
from linly_blender.rig.mapping import Tuning
from linly_blender.rig.skeleton import layout_titles

TEXT = (Path(__file__).parents[2] / "docs/rigs.md").read_text(encoding="utf-8")
PLAIN = " ".join(TEXT.split())


def test_every_convention_is_named() -> None:
    told = {"Oculus/Meta visemes without a prefix": "also without a prefix", "Rigify metarig": "metarig"}
    for convention in load_conventions():
        assert told.get(convention.title, convention.title) in PLAIN
    for title in layout_titles():
        assert title.split(",")[0].split(" without")[0].removesuffix(" metarig") in PLAIN


def test_the_file_that_is_shown_is_read() -> None:
    (shown,) = [block for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL) if files.FORMAT in block]
    setup = files.parse(shown, "docs/rigs.md")
    mapping = setup.mapping
    assert mapping is not None
    assert mapping.tunings == {"jawOpen": Tuning(gain=0.8, high=0.9)}
    assert mapping.targets("browInnerUp") == (("Face", "browInnerUp_L", 1.0),)
    assert setup.poses["jawOpen"].moves[0].bone == "jaw_master"
    assert setup.distribution.gaze == 0.2
    assert files.parse(files.dump(setup), "it") == setup


def test_the_example_does_what_is_said() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    for expression, said in re.findall(r"^(found\S+)\s+# (.+)$", code, re.MULTILINE):
        assert eval(expression, names) == eval(said)
