"""The demo avatar: names, closures, symmetry, reach of every shape, and that every build of it holds together."""

from collections import Counter
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from linly_blender import arkit
from linly_blender.avatar import AvatarMesh, AvatarShape, build
from linly_blender.avatar.form import proportions
from linly_blender.avatar.mesh import edges, vertex_normals
from linly_blender.errors import UserError

FORMS = [f.name for f in fields(AvatarShape) if not isinstance(f.default, tuple)]
COLOURS = [f.name for f in fields(AvatarShape) if isinstance(f.default, tuple)]
MM = 1e-3


@pytest.fixture(scope="module")
def avatar() -> AvatarMesh:
    return build()


def posed(avatar: AvatarMesh, **values: float) -> np.ndarray:
    points = avatar.vertices.astype(np.float64)
    for name, value in values.items():
        points = points + value * avatar.shapes[name]
    return points


def lip_gap(avatar: AvatarMesh, points: np.ndarray) -> np.ndarray:
    """Distance between paired points of the inner lips [shape=(pairs,)]."""
    upper, lower = avatar.landmarks["inner_lip_upper"], avatar.landmarks["inner_lip_lower"]
    return np.linalg.norm(points[upper] - points[lower], axis=1)


def lid_gap(avatar: AvatarMesh, points: np.ndarray, side: str) -> np.ndarray:
    upper, lower = avatar.landmarks[f"lid_upper_{side}"], avatar.landmarks[f"lid_lower_{side}"]
    return np.linalg.norm(points[upper] - points[lower], axis=1)


def test_the_shapes_are_arkits_in_arkits_order(avatar: AvatarMesh) -> None:
    assert tuple(avatar.shapes) == arkit.SHAPES


@pytest.mark.parametrize("name", arkit.SHAPES)
def test_every_shape_moves_something_one_can_see_and_not_the_hair(avatar: AvatarMesh, name: str) -> None:
    offset = avatar.shapes[name]
    assert offset.shape == avatar.vertices.shape
    assert offset.dtype == np.float32
    assert np.isfinite(offset).all()
    furthest = np.linalg.norm(offset, axis=1).max()
    assert 2 * MM < furthest < 60 * MM
    for still in ("hair", "garment", "teeth.upper", "ear.L", "ear.R"):
        assert not offset[avatar.parts[still]].any()


def test_the_size_is_a_heads_and_an_animator_can_handle_it(avatar: AvatarMesh) -> None:
    assert 8_000 < len(avatar.vertices) <= 15_000
    skin, hair = avatar.vertices[avatar.parts["skin"]], avatar.vertices[avatar.parts["hair"]]
    head = next(bone for bone in avatar.bones if bone.name == "head")
    chin = avatar.vertices[avatar.parts["teeth.lower"], 2].min()
    assert 0.20 < hair[:, 2].max() - (chin - 0.03) < 0.27
    assert 0.12 < np.ptp(skin[:, 0]) < 0.18
    assert 0.10 < head.tail[2] - head.head[2] < 0.2


def mirror_map(avatar: AvatarMesh, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of the named parts and, for each, the vertex at its mirror place."""
    own = np.concatenate([np.arange(avatar.parts[n].start, avatar.parts[n].stop) for n in names])
    # Lips touch at rest: the jaw's offset tells the upper from the lower.
    feature = np.concatenate([avatar.vertices, avatar.shapes["jawOpen"]], axis=1)[own]
    flipped = feature * np.float32([-1, 1, 1, -1, 1, 1])
    partner = np.array([int(np.argmin(np.abs(feature - wanted).sum(axis=1))) for wanted in flipped])
    assert np.abs(feature[partner] - flipped).max() < 2e-6
    return own, own[partner]


def test_left_and_right_mirror_each_other(avatar: AvatarMesh) -> None:
    own, partner = mirror_map(avatar, ("skin", "brow.L", "brow.R", "lashes.L", "lashes.R", "eye.L", "eye.R"))
    for name in arkit.SHAPES:
        other = name.replace("Left", "?").replace("Right", "Left").replace("?", "Right")
        there = avatar.shapes[other][partner] * np.float32([-1, 1, 1])
        np.testing.assert_allclose(avatar.shapes[name][own], there, atol=2e-5, err_msg=name)


@pytest.mark.parametrize("name", [n for n in arkit.SHAPES if n.startswith(("eye", "brow"))])
def test_eyes_and_brows_leave_the_mouth_alone(avatar: AvatarMesh, name: str) -> None:
    moved = np.linalg.norm(avatar.shapes[name], axis=1)
    lips = np.concatenate([avatar.landmarks["inner_lip_upper"], avatar.landmarks["inner_lip_lower"]])
    mouth_z = avatar.vertices[lips, 2].max()
    below = avatar.vertices[:, 2] < mouth_z + 0.02
    assert moved[below].max() < 0.1 * MM


@pytest.mark.parametrize("name", [n for n in arkit.SHAPES if n.startswith(("jaw", "mouth", "tongue"))])
def test_the_mouth_leaves_eyes_and_brows_alone(avatar: AvatarMesh, name: str) -> None:
    moved = np.linalg.norm(avatar.shapes[name], axis=1)
    for part in ("eye.L", "eye.R", "brow.L", "brow.R", "lashes.L", "lashes.R"):
        assert moved[avatar.parts[part]].max() < 0.3 * MM


@pytest.mark.parametrize("name", [n for n in arkit.SHAPES if n.endswith("Left") and n not in ("jawLeft", "mouthLeft")])
def test_a_left_shape_stays_on_the_left(avatar: AvatarMesh, name: str) -> None:
    moved = np.linalg.norm(avatar.shapes[name], axis=1)
    right = avatar.vertices[:, 0] < -0.02
    assert moved[right].max() < 0.12 * moved.max()


def test_lips_touch_at_rest(avatar: AvatarMesh) -> None:
    gap = lip_gap(avatar, posed(avatar))
    assert len(gap) >= 15
    assert gap.max() < 0.05 * MM
    x = avatar.vertices[avatar.landmarks["inner_lip_upper"], 0]
    assert (np.diff(x) > 0).all()
    corners = [avatar.vertices[avatar.landmarks[f"mouth_corner_{s}"][0], 0] for s in ("left", "right")]
    assert 0.45 < np.ptp(x) / (corners[0] - corners[1]) <= 0.61


@given(st.floats(0.0, 1.0))
def test_mouth_close_keeps_the_lips_together_however_far_the_jaw_opens(avatar: AvatarMesh, value: float) -> None:
    gap = lip_gap(avatar, posed(avatar, jawOpen=value, mouthClose=value))
    assert gap.max() < 0.1 * MM


def test_the_jaw_opens_the_mouth_wide(avatar: AvatarMesh) -> None:
    gap = lip_gap(avatar, posed(avatar, jawOpen=1.0))
    assert gap.max() > 25 * MM
    assert gap.min() > 8 * MM


@pytest.mark.parametrize(
    "closed",
    ["mouthPucker", "mouthShrugLower", "mouthLeft", "mouthSmileLeft", "mouthFrownRight", "mouthDimpleLeft", "cheekPuff",
     "mouthPressLeft"],
)  # fmt: skip
def test_shapes_that_do_not_open_the_mouth_keep_it_closed(avatar: AvatarMesh, closed: str) -> None:
    """0.6 mm over the resting gap counts as closed; sliding over each other is no gap."""
    points = posed(avatar, **{closed: 1.0})
    upper, lower = avatar.landmarks["inner_lip_upper"], avatar.landmarks["inner_lip_lower"]
    assert (points[upper, 2] - points[lower, 2]).max() < 0.6 * MM


@pytest.mark.parametrize("opened", ["mouthFunnel", "mouthLowerDownLeft", "mouthUpperUpRight", "tongueOut"])
def test_shapes_that_open_the_mouth_do(avatar: AvatarMesh, opened: str) -> None:
    assert lip_gap(avatar, posed(avatar, **{opened: 1.0})).max() > 4 * MM


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_blink_closes_the_eye_and_stays_outside_the_eyeball(avatar: AvatarMesh, side: str) -> None:
    assert lid_gap(avatar, posed(avatar), side).max() > 12 * MM
    name = f"eyeBlink{side.capitalize()}"
    assert lid_gap(avatar, posed(avatar, **{name: 1.0}), side).max() < 0.5 * MM
    at = proportions(AvatarShape())
    span = avatar.parts["eye.L" if side == "left" else "eye.R"]
    ball = avatar.vertices[span].astype(np.float64)
    bone = next(b for b in avatar.bones if b.name == ("eye.L" if side == "left" else "eye.R"))
    centre = np.array(bone.head)
    biggest = np.linalg.norm(ball - centre, axis=1).max()
    skin = avatar.parts["skin"]
    upper = avatar.landmarks[f"lid_upper_{side}"]
    # Everything on the outside of the lid, from its margin up to the brow.
    moved = np.linalg.norm(avatar.shapes[name][skin], axis=1) > 1 * MM
    normals = vertex_normals(avatar.vertices[skin].astype(np.float64), avatar.faces[avatar.faces[:, 0] < skin.stop])
    outside = moved & (((avatar.vertices[skin] - centre) * normals).sum(axis=1) > 0.5 * at.eye_radius)
    outside[upper] = True
    for value in np.linspace(0.0, 1.0, 11):
        distance = np.linalg.norm(posed(avatar, **{name: float(value)})[skin] - centre, axis=1)
        # Half way the straight line between open and closed cuts a little into the lid's thickness, no further.
        limit = biggest - 0.1 * MM if value in (0.0, 1.0) else at.eye_radius - 0.3 * MM
        assert distance[outside].min() > limit


def test_the_eyes_turn_as_far_as_they_say(avatar: AvatarMesh) -> None:
    bone = next(b for b in avatar.bones if b.name == "eye.L")
    span = avatar.parts["eye.L"]
    pupil = span.stop - 1  # the pole
    rest = avatar.vertices[pupil].astype(np.float64) - bone.head
    np.testing.assert_allclose(rest / np.linalg.norm(rest), [0, -1, 0], atol=1e-4)
    expected = {"Up": (25, 2, 1), "Down": (25, 2, -1), "Out": (30, 0, 1), "In": (30, 0, -1)}
    for way, (degrees, axis, sign) in expected.items():
        seen = posed(avatar, **{f"eyeLook{way}Left": 1.0})[pupil] - bone.head
        seen /= np.linalg.norm(seen)
        assert np.degrees(np.arccos(-seen[1])) == pytest.approx(degrees, abs=0.1)
        assert seen[axis] * sign > 0.4


def test_the_tongue_comes_out(avatar: AvatarMesh) -> None:
    lips = avatar.landmarks["inner_lip_lower"]
    tongue = posed(avatar, tongueOut=1.0)[avatar.parts["tongue"]]
    assert posed(avatar)[avatar.parts["tongue"], 1].min() > avatar.vertices[lips, 1].min()
    assert tongue[:, 1].min() < avatar.vertices[lips, 1].min() - 10 * MM


def test_weights_share_every_vertex_among_the_bones(avatar: AvatarMesh) -> None:
    assert (
        set(avatar.weights)
        == {bone.name for bone in avatar.bones}
        == {"chest", "neck", "head", "eye.L", "eye.R", "jaw"}
    )
    total = sum(w.astype(np.float64) for w in avatar.weights.values())
    np.testing.assert_allclose(total, 1.0, atol=1e-5)
    assert (avatar.weights["eye.L"][avatar.parts["eye.L"]] == 1).all()
    assert (avatar.weights["jaw"][avatar.parts["teeth.lower"]] == 1).all()
    assert (avatar.weights["head"][avatar.parts["hair"]] == 1).all()
    pairs = edges(avatar.faces)
    for name in ("chest", "neck", "head"):
        skin = pairs[(pairs < avatar.parts["skin"].stop).all(axis=1)]
        inside = avatar.weights["jaw"][skin].max(axis=1) < 0.01
        assert np.abs(np.diff(avatar.weights[name][skin[inside]], axis=1)).max() < 0.5
    seen: set[str] = set()
    for bone in avatar.bones:
        assert bone.parent is None or bone.parent in seen
        seen.add(bone.name)


def assert_sound(mesh: AvatarMesh) -> None:
    for array in (mesh.vertices, mesh.tint, *mesh.shapes.values(), *mesh.weights.values()):
        assert np.isfinite(array).all()
    assert mesh.faces[:, :3].min() >= 0
    assert mesh.faces.max() == len(mesh.vertices) - 1
    assert len(np.unique(mesh.faces[mesh.faces >= 0])) == len(mesh.vertices), "every vertex belongs to a face"
    assert len(mesh.face_materials) == len(mesh.faces)
    assert mesh.face_materials.max() < len(mesh.materials)
    # No edge has more than two faces, and neighbours agree about which side is out.
    directed = Counter(map(tuple, edges(mesh.faces)[: (mesh.faces >= 0).sum()].tolist()))
    assert max(directed.values()) == 1
    for name, span in mesh.parts.items():
        points = mesh.vertices[span].astype(np.float64)
        mine = mesh.faces[(mesh.faces[:, 0] >= span.start) & (mesh.faces[:, 0] < span.stop)]
        mine = np.where(mine >= 0, mine - span.start, -1)
        normal = vertex_normals(points, mine)
        if name not in ("skin", "teeth.upper", "teeth.lower", "garment", "hair"):
            assert np.mean(((points - points.mean(axis=0)) * normal).sum(axis=1) > 0) > 0.5, f"{name} is inside out"
    face = mesh.landmarks["inner_lip_upper"][0]
    assert mesh.vertices[face, 1] < 0


def test_it_is_a_sound_mesh(avatar: AvatarMesh) -> None:
    assert_sound(avatar)
    skin = avatar.parts["skin"]
    normal = vertex_normals(avatar.vertices.astype(np.float64), avatar.faces)[skin]
    top, forehead = avatar.vertices[skin, 2].argmax(), avatar.vertices[skin, 1].argmin()
    assert normal[top, 2] > 0.8
    assert normal[forehead, 1] < -0.8


def test_building_twice_gives_the_same_bits(avatar: AvatarMesh) -> None:
    again = build(AvatarShape())
    assert again.vertices.tobytes() == avatar.vertices.tobytes()
    assert all(again.shapes[n].tobytes() == avatar.shapes[n].tobytes() for n in arkit.SHAPES)


@pytest.mark.parametrize("name", FORMS)
def test_every_setting_changes_the_form_but_not_the_mesh(avatar: AvatarMesh, name: str) -> None:
    high = build(AvatarShape(**{name: 1.0}))
    assert high.faces.tobytes() == avatar.faces.tobytes()
    assert np.linalg.norm(high.vertices - avatar.vertices, axis=1).max() > 0.5 * MM


@settings(max_examples=6, deadline=None, phases=(Phase.generate,))
@given(st.fixed_dictionaries({name: st.floats(-1.0, 1.0) for name in FORMS}))
def test_any_character_is_sound_and_closes_lips_and_lids(forms: dict[str, float]) -> None:
    made = build(AvatarShape(**forms))
    assert_sound(made)
    assert lip_gap(made, posed(made)).max() < 0.05 * MM
    assert lip_gap(made, posed(made, jawOpen=1.0, mouthClose=1.0)).max() < 0.1 * MM
    for side in ("left", "right"):
        assert lid_gap(made, posed(made, **{f"eyeBlink{side.capitalize()}": 1.0}), side).max() < 0.5 * MM


@pytest.mark.parametrize("name", COLOURS)
def test_every_colour_changes_the_tint(avatar: AvatarMesh, name: str) -> None:
    assert not np.array_equal(build(AvatarShape(**{name: (0.2, 0.5, 0.8)})).tint, avatar.tint)


@pytest.mark.parametrize(
    ("name", "value"), [("jaw_width", 1.5), ("chin", float("nan")), ("skin", (1.0, 2.0, 0.0)), ("hair", (0.1, 0.2))]
)
def test_settings_out_of_range_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(UserError, match=name):
        AvatarShape(**{name: value})
