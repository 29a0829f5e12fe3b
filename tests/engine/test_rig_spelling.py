"""Names in every spelling are one name."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linly_blender.arkit import SHAPES
from linly_blender.rig.spelling import key, keys_behind_prefixes, side, spelled, words


def parts_of(channel: str) -> tuple[list[str], str]:
    """Words of an ARKit name, and its side."""
    found = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+", channel)]
    return (found[:-1], found[-1]) if found[-1] in ("left", "right") else (found, "")


def camel(parts: list[str]) -> str:
    return parts[0] + "".join(part.capitalize() for part in parts[1:])


def respelled(channel: str, style: str, mark: str) -> str:
    """A channel as riggers write it: how its words are joined, and how its side is told."""
    parts, whole = parts_of(channel)
    letter = whole[:1]
    base = {
        "camel": camel(parts),
        "pascal": "".join(part.capitalize() for part in parts),
        "snake": "_".join(parts),
        "upper": "_".join(parts).upper(),
        "spaces": " ".join(part.capitalize() for part in parts),
        "dots": ".".join(parts),
        "dashes": "-".join(parts),
    }[style]
    if not whole:
        return base
    return {
        "_L": f"{base}_{letter.upper()}",
        ".L": f"{base}.{letter.upper()}",
        "_l": f"{base}_{letter}",
        "Left": f"{base}{whole.capitalize()}",
        " left": f"{base} {whole}",
        "l_": f"{letter}_{base}",
        "L.": f"{letter.upper()}.{base}",
        "left_": f"{whole}_{base}",
    }[mark]


STYLES = st.sampled_from(["camel", "pascal", "snake", "spaces", "dots", "dashes"])
MARKS = st.sampled_from(["_L", ".L", "_l", " left", "l_", "L.", "left_"])
AROUND = st.sampled_from([("", ""), ("Face:", ""), ("rig|head:", ""), ("", ".001"), ("a:", ".012"), ("", ".001.002")])


@given(st.sampled_from(SHAPES), STYLES, MARKS, AROUND)
def test_every_spelling_is_the_same(channel: str, style: str, mark: str, around: tuple[str, str]) -> None:
    name = around[0] + respelled(channel, style, mark) + around[1]
    assert spelled(name) == spelled(channel)


@given(st.sampled_from(SHAPES))
def test_small_letters_keep_their_side(channel: str) -> None:
    assert side(channel.lower()) == side(channel)
    assert side(respelled(channel, "upper", "_L")) == side(channel)


@given(st.sampled_from(SHAPES), st.sampled_from(SHAPES))
def test_no_two_channels_are_the_same(one: str, other: str) -> None:
    assert (spelled(one) == spelled(other)) == (one == other)


@given(st.text(max_size=60))
def test_any_text_has_a_spelling(name: str) -> None:
    found = words(name)
    assert all(found)
    assert key(found) == spelled(unicodedata.normalize("NFKC", name))
    assert bool(found) or not unicodedata.normalize("NFKC", name).strip()


@given(st.lists(st.sampled_from(["wolf", "head", "07", "x"]), min_size=1, max_size=4), st.sampled_from(SHAPES))
def test_prefixes_are_seen_through(prefix: list[str], channel: str) -> None:
    assert spelled(channel) in list(keys_behind_prefixes(words("_".join([*prefix, channel]))))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("jawLeft", "l"), ("lookright", "r"), ("bright", ""), ("Eye_L_Look_R", ""), ("R", ""), ("ウィンク右", "r"),
        ("左目", "l"), ("ｳｨﾝｸ２右", "r"), ("lEye", "l"), ("mouthFunnelUL", ""), ("", ""), ("右", ""),
    ],
)  # fmt: skip
def test_sides(name: str, told: str) -> None:
    assert side(name) == told


def test_widths_are_the_same() -> None:
    assert spelled("ｳｨﾝｸ２右") == spelled("ウィンク2右")
    assert spelled("ｅｙｅＢｌｉｎｋ＿Ｌ") == spelled("eyeBlinkLeft")


def test_two_sides_stay_in_their_places() -> None:
    assert spelled("Eye_L_Look_R") != spelled("Eye_R_Look_L")
    assert spelled("facs_ctrl_JawLeft-Right") != spelled("facs_ctrl_JawLeft")
