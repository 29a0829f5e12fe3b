"""Skeletons of the same body with any names, in numbers."""

from collections.abc import Mapping, Sequence

from linly_blender.rig.tree import Bone, Vector

AXES = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, -1.0, 0.0))
"""Of a bone that points up in a character that faces -Y."""


def bone(
    name: str,
    parent: str | None,
    head: Vector,
    tail: Vector,
    axes: tuple[Vector, Vector, Vector] = AXES,
    *,
    deforms: bool = True,
) -> Bone:
    return Bone(name, parent, head, tail, axes, deforms)


def body(
    *,
    chest: Sequence[str] = ("chest",),
    necks: Sequence[str] = ("neck",),
    head: str = "head",
    jaw: str | None = "jaw",
    eyes: tuple[str, str] | None = ("eye.L", "eye.R"),
    targets: tuple[str, str] | None = None,
    target: str | None = None,
    lids: Mapping[str, float] | None = None,
    head_end: str | None = None,
    scale: float = 1.0,
    extra: Sequence[str] = (),
) -> list[Bone]:
    """A person of 1.8 m who faces -Y, with arms and legs; chests from the lowest to the highest."""
    made = [bone("root", None, (0, 0, 0), (0, 0, 0.1)), bone("base", "root", (0, 0, 1.0), (0, 0, 1.1))]

    def chain(names: Sequence[str], low: float, high: float) -> None:
        for number, name in enumerate(names):
            at, to = (low + (high - low) * (number + k) / len(names) for k in (0, 1))
            made.append(bone(name, made[-1].name, (0, 0, at), (0, 0, to)))

    chain(chest, 1.1, 1.45)
    top = made[-1].name
    chain(necks, 1.45, 1.57)
    made.append(bone(head, made[-1].name, (0, 0, 1.57), (0, 0, 1.8)))
    if head_end:
        made.append(bone(head_end, head, (0, 0, 1.8), (0, 0, 1.83)))
    if jaw:
        made.append(bone(jaw, head, (0, -0.02, 1.61), (0, -0.1, 1.57)))
    for side, sign in (("L", 1), ("R", -1)):
        for part, start, end, parent in (
            ("a1", (0.03, 0, 1.44), (0.15, 0, 1.44), top),
            ("a2", (0.15, 0, 1.44), (0.45, 0, 1.44), f"a1_{side}"),
            ("a3", (0.45, 0, 1.44), (0.7, 0, 1.44), f"a2_{side}"),
            ("b1", (0.1, 0, 1.0), (0.1, 0, 0.5), "base"),
            ("b2", (0.1, 0, 0.5), (0.1, 0, 0.05), f"b1_{side}"),
        ):
            a, b = ((sign * x, y, z) for x, y, z in (start, end))
            made.append(bone(f"{part}_{side}", parent, a, b))
        number = 0 if side == "L" else 1
        if eyes:
            x = sign * 0.032
            made.append(bone(eyes[number], head, (x, -0.07, 1.68), (x, -0.095, 1.68)))
        if targets:
            x = sign * 0.032
            made.append(bone(targets[number], target or "root", (x, -0.4, 1.68), (x, -0.4, 1.7), deforms=False))
    if target:
        made.append(bone(target, "root", (0, -0.4, 1.68), (0, -0.4, 1.72), deforms=False))
    for name, height in (lids or {}).items():
        x = 0.032 if name.endswith((".L", "_L")) or name.startswith("l_") or "Left" in name else -0.032
        made.append(bone(name, head, (x, -0.08, 1.68 + height), (x, -0.1, 1.68 + height)))
    made += [bone(name, "root", (0, 0, 0), (0, 0, 0.05), deforms=False) for name in extra]

    def scaled(place: Vector) -> Vector:
        return (place[0] * scale, place[1] * scale, place[2] * scale)

    return [Bone(b.name, b.parent, scaled(b.head), scaled(b.tail), b.axes, b.deforms) for b in made]
