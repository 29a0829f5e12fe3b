"""Styles: presets load, differ where they should, and bad files are named."""

import copy
import json
import math
from pathlib import Path

import pytest

from linly_blender.errors import UserError
from linly_blender.pose import styles
from linly_blender.pose.styles import load_style, parse_style, style_names

NEUTRAL = json.loads((Path(styles.__file__).parent / "presets" / "neutral.json").read_text(encoding="utf-8"))


def test_neutral_comes_first_and_every_preset_loads():
    assert style_names()[0] == "neutral"
    assert {"lively", "serious", "friendly", "business"} <= set(style_names())
    loaded = [load_style(name) for name in style_names()]
    assert [style.name for style in loaded] == list(style_names())
    assert all(style.amount == 1.0 for style in loaded), "1 is natural"


def test_an_unknown_style_is_an_error_that_lists_what_there_is():
    with pytest.raises(UserError, match=r"'jolly'.*neutral.*serious"):
        load_style("jolly")


def test_files_are_in_degrees_and_millimetres():
    style = parse_style("test", NEUTRAL)
    assert style.accent.size == pytest.approx(math.radians(NEUTRAL["accent"]["size"]))
    assert style.signs.push == pytest.approx(NEUTRAL["signs"]["push"] / 1000)
    assert style.gaze.away == NEUTRAL["gaze"]["away"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data["blink"].update(rate=-1), "blink, rate"),
        (lambda data: data["blink"].update(rate=float("nan")), "blink, rate"),
        (lambda data: data["blink"].update(rate=True), "blink, rate"),
        (lambda data: data["posture"].update(spread=[1, 2]), "posture, spread.*3 numbers"),
        (lambda data: data["accent"].pop("nods"), "accent: missing nods"),
        (lambda data: data.update(jump=3), "unknown jump"),
        (lambda data: data.update(gaze=[]), "gaze"),
    ],
)
def test_a_bad_value_is_named_with_its_place(change, message):
    data = copy.deepcopy(NEUTRAL)
    change(data)
    with pytest.raises(UserError, match=message):
        parse_style("test", data)
