"""Styles of the user's own, blends, and styles that are told apart at a glance."""

import functools
import json
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.arkit import INDEX
from linly_blender.errors import UserError
from linly_blender.measure.behaviours import MANNERS
from linly_blender.perform import perform
from linly_blender.pose.styles import blend, load_style, style_names, style_text

NEEDED = {"neutral", "lively", "serious", "business", "friendly", "humorous", "teacher", "seller", "service_desk"}


def figures(style) -> list[float]:
    """Every number of a style, in order."""
    values = []
    for field in fields(style):
        value = getattr(style, field.name)
        if is_dataclass(value):
            values += figures(value)
        elif not isinstance(value, str):
            values += value if isinstance(value, tuple) else [value]
    return values


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_every_use_has_a_style_and_no_two_are_alike():
    assert {*NEEDED, "interpreter"} == set(style_names())
    numbers = {tuple(figures(load_style(name))) for name in style_names()}
    assert len(numbers) == len(style_names())
    assert all(load_style(name).about for name in style_names())


def test_a_file_of_ones_own_changes_what_it_names(tmp_path):
    path = write(tmp_path, "calm.json", {"name": "Calm Aunt", "about": "As she is", "base": "friendly", "tempo": 0.7})
    style, base = load_style(str(path)), load_style("friendly")
    assert (style.name, style.about, style.tempo) == ("Calm Aunt", "As she is", 0.7)
    assert style.gaze == base.gaze
    assert perform("Hello.", style=str(path)).style == "Calm Aunt"


def test_a_preset_can_be_copied_edited_and_shared(tmp_path):
    for name in style_names():
        preset = Path(__file__).parents[2] / f"linly_blender/pose/presets/{name}.json"
        copy = write(tmp_path, f"my_{name}.json", preset.read_text(encoding="utf-8"))
        assert figures(load_style(str(copy))) == figures(load_style(name))


@pytest.mark.parametrize("spec", [*style_names(), "lively+serious:0.3"])
def test_a_style_written_for_editing_is_the_same_style(spec, tmp_path):
    style = load_style(spec)
    text = style_text(style)
    copy = load_style(str(write(tmp_path, "mine.json", text)))
    assert copy.name == "mine"
    assert copy.about == style.about
    assert figures(copy) == pytest.approx(figures(style), rel=1e-5)
    assert style_text(copy) == text


def test_a_folder_of_ones_own_is_known_by_name(tmp_path):
    write(tmp_path, "styles/gentle.json", {"tempo": 0.8})
    assert load_style("gentle", tmp_path).tempo == 0.8
    assert load_style("gentle+lively:0.25", tmp_path).name == "gentle+lively:0.25"
    for name in ("gentle", "../styles/gentle"):
        with pytest.raises(UserError, match="no style"):
            load_style(name, tmp_path if "/" in name else None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ("[]", "group of values"),
        ({"tempo": 9}, r"tempo: 9 should be a number from 0.4 to 2.5"),
        ({"gaze": {"angle": "wide"}}, r"gaze, angle: 'wide'"),
        ({"signs": {"bow": -1}}, r"signs, bow: -1 .* deg"),
        ({"micro": {"grin": 1}}, r"micro: unknown grin"),
        ({"base": "jolly"}, r"base: 'jolly' should be one of neutral"),
        ({"base": ["neutral"]}, r"base: \['neutral'\]"),
        ({"name": ""}, r"name: '' should be a short text"),
        ({"about": 3}, r"about: 3 should be a sentence"),
        ({"blink": 20}, r"blink: expected a group"),
        ('{"tempo": NaN}', "tempo"),
    ],
)
def test_a_bad_file_is_named_with_the_field(tmp_path, content, message):
    path = write(tmp_path, "bad.json", content)
    with pytest.raises(UserError, match=message) as caught:
        load_style(str(path))
    assert "bad.json" in str(caught.value)


def test_a_file_that_is_not_there_and_a_bad_share_are_told(tmp_path):
    with pytest.raises(UserError, match=r"none\.json cannot be read"):
        load_style(str(tmp_path / "none.json"))
    for share in ("1.5", "-1", "1.2.3"):
        with pytest.raises(UserError, match="from 0 to 1"):
            load_style(f"lively+serious:{share}")


@given(st.floats(0, 1))
def test_a_blend_lies_between_its_two_in_every_figure(share):
    first, second = load_style("lively"), load_style("serious")
    mixed = figures(blend(first, second, share))
    for value, one, other in zip(mixed, figures(first), figures(second), strict=True):
        assert min(one, other) - 1e-9 <= value <= max(one, other) + 1e-9
    assert figures(blend(first, second, 0.0)) == pytest.approx(figures(first))
    assert figures(blend(first, second, 1.0)) == pytest.approx(figures(second))


def test_a_blend_may_take_files(tmp_path):
    path = write(tmp_path, "one+two.json", {"tempo": 2.0})
    assert load_style(str(path)).tempo == 2.0
    mixed = load_style(f"{path}+serious:0.25")
    assert mixed.tempo == pytest.approx(0.75 * 2.0 + 0.25 * load_style("serious").tempo)
    assert load_style("neutral+lively").tempo == pytest.approx(1.1)


@functools.cache
def statistics(language: str, style: str, seed: int) -> dict[str, float]:
    """How a take of the same line moves."""
    take = perform(MANNERS[language], style=style, emotion="neutral", seed=seed)
    times, frames = take.frames.times, take.frames
    spoken = (times > take.speech.phones[0].start) & (times < take.speech.phones[-1].end)
    turned = np.degrees(frames.head[:, 3:])
    speed = np.gradient(turned, times, axis=0)
    return {
        "speed": float(np.sqrt((speed[spoken] ** 2).sum(axis=1).mean())),
        "roll": float(turned[spoken, 2].std()),
        "size": float(np.sqrt(turned[spoken].var(axis=0).sum())),
        "smile": float(frames.shapes[:, [INDEX["mouthSmileLeft"], INDEX["mouthSmileRight"]]].mean()),
        "brows": float(frames.shapes[:, INDEX["browInnerUp"]].mean()),
    }


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_lively_and_a_serious_take_are_told_apart_at_a_glance(language):
    lively, serious = ([statistics(language, style, seed) for seed in range(6)] for style in ("lively", "serious"))
    for name in ("speed", "smile"):
        slowest, quickest = min(s[name] for s in lively), max(s[name] for s in serious)
        assert slowest > 1.3 * quickest, f"every lively take has more {name} than any serious one"
    for name in ("size", "roll", "brows"):
        assert np.mean([s[name] for s in lively]) > 1.3 * np.mean([s[name] for s in serious]), name


def test_the_blend_of_both_moves_between_them():
    means = [
        np.mean([statistics("en", style, seed)["speed"] for seed in range(4)])
        for style in ("serious", "lively+serious", "lively")
    ]
    assert means[0] < means[1] < means[2]
