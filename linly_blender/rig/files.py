"""What was set of a character as a file that people can read, change and share. ``docs/rigs.md`` tells the format."""

import json
from pathlib import Path
from typing import Any, Final

from ..arkit import INDEX, SHAPES
from ..errors import UserError
from ..files import check_can_write, replacing
from ..plain import Node, check_version, parse_json, read_json
from .edit import LARGEST_OFFSET, LARGEST_WEIGHT
from .mapping import PLAIN, POSES, Drive, Mapping, Tuning, sort_weights
from .poses import Move, Pose
from .setup import EVERY_CHANNEL, ROLES, Distribution, Role, Setup
from .tree import Vector

FORMAT: Final = "linly-rig"
VERSION: Final = 1
"""Raised when an older program could no longer read what we write."""
_MOST_BYTES: Final = 8 * 2**20
_MOST_MESHES: Final = 1000
_MOST_DRIVES: Final = 20_000
_LONGEST_NAME: Final = 1024
_WIDEST_RANGE: Final = 1000.0
"""Of a shape key's slider; Blender allows ten."""
_MOST_MOVES: Final = 1000
"""Bones of a pose."""
_FARTHEST: Final = 1e6
"""Of a bone's location, rotation vector or scale."""
_PARTS: Final = ("turn", "shift", "stretch")


def write(setup: Setup, path: Path) -> None:
    """Write what was set, ``path`` ending in ``.json``; it appears whole or not at all.

    Raises UserError when it cannot be written, or could not be read again.
    """
    check_can_write(path, ".json")
    text = dump(setup)
    parse(text, f"The setup for {path}")
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def read(path: Path) -> Setup:
    """Read what ``write`` wrote, or a person. Raises UserError for any fault in it."""
    return _setup(read_json(path, _MOST_BYTES))


def dump(setup: Setup) -> str:
    """As JSON, a key or a bone a line."""
    shares = setup.distribution
    lines = [f'"format": {_compact(FORMAT)}', f'"version": {VERSION}']
    if setup.mapping is not None:
        lines += _mapping_lines(setup.mapping)
        if setup.by_hand != EVERY_CHANNEL:
            lines.append(f'"by_hand": {_compact([name for name in SHAPES if name in setup.by_hand])}')
    if setup.poses:
        poses = [
            f"  {_compact(channel)}: [\n" + ",\n".join(f"   {_compact(_told_move(m))}" for m in pose.moves) + "\n  ]"
            for channel, pose in sorted(setup.poses.items())
        ]
        lines.append('"poses": {\n' + ",\n".join(poses) + "\n }")
    if setup.bones:
        lines.append(f'"bones": {_compact(setup.bones)}')
    if shares != Distribution():
        told = {"chest": shares.chest, "neck": shares.neck, "gaze": shares.gaze}
        lines.append(f'"distribution": {_compact(told)}')
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def parse(text: str, source: str) -> Setup:
    """What was set, from the text of a file; ``source`` names it in messages. Raises UserError for any fault in it."""
    if len(text) > _MOST_BYTES:
        raise UserError(f"{source} is too big ({len(text)} characters) to be what it should be.")
    return _setup(parse_json(text, source))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _mapping_lines(mapping: Mapping) -> list[str]:
    meshes: dict[str, list[str]] = {}
    for drive in mapping.drives:
        row: dict[str, Any] = {"key": drive.key, "weights": dict(drive.weights), "range": [drive.low, drive.high]}
        if drive.offset:
            row["offset"] = drive.offset
        meshes.setdefault(drive.mesh, []).append(f"   {_compact(row)}")
    channels = [f"  {_compact(name)}: {_compact(_told(how))}" for name, how in sorted(mapping.tunings.items())]
    told = [f'  {{"mesh": {_compact(name)}, "keys": [\n' + ",\n".join(rows) + "\n  ]}" for name, rows in meshes.items()]
    return [
        f'"convention": {_compact(mapping.convention)}',
        '"channels": {' + ("\n" + ",\n".join(channels) + "\n " if channels else "") + "}",
        '"meshes": [' + ("\n" + ",\n".join(told) + "\n " if told else "") + "]",
    ]


def _told_move(move: Move) -> dict[str, Any]:
    """Only what the pose changes of the bone."""
    return {"bone": move.bone} | {part: list(value) for part in _PARTS if any(value := getattr(move, part))}


def _setup(node: Node) -> Setup:
    if not isinstance(node.value, dict) or node.value.get("format") != FORMAT:
        raise UserError(f"{node.source} is not a setup of a character. Choose a .json file that was saved as one.")
    check_version(node, VERSION, "format")
    is_mapped = "meshes" in node.value
    return Setup(
        _mapping(node) if is_mapped else None,
        _poses(node["poses"]) if "poses" in node.value else {},
        _bones(node["bones"]) if "bones" in node.value else {},
        _distribution(node["distribution"]) if "distribution" in node.value else Distribution(),
        _channels(node["by_hand"]) if is_mapped and "by_hand" in node.value else EVERY_CHANNEL,
    )


def _mapping(node: Node) -> Mapping:
    convention = node["convention"]
    drives: dict[tuple[str, str], Drive] = {}
    _check_count(node["meshes"], _MOST_MESHES)
    for mesh in node["meshes"].items():
        name = POSES if mesh["mesh"].value == POSES else _name(mesh["mesh"])
        _check_count(mesh["keys"], _MOST_DRIVES - len(drives))
        for row in mesh["keys"].items():
            drive = _drive(name, row)
            if (name, drive.key) in drives:
                row["key"].complain("a key that is not listed twice")
            drives[name, drive.key] = drive
    return Mapping(
        tuple(drives.values()), _tunings(node["channels"]), None if convention.value is None else _name(convention)
    )


def _channels(node: Node) -> frozenset[str]:
    _check_count(node, len(SHAPES))
    names = [one.text() for one in node.items()]
    unknown = [one for one, name in zip(node.items(), names, strict=True) if name not in INDEX]
    if unknown:
        unknown[0].complain("one of ARKit's 52 channels")
    return frozenset(names)


def _poses(node: Node) -> dict[str, Pose]:
    poses = {}
    for channel in _object(node).value:
        _check_channel(node, channel)
        _check_count(node[channel], _MOST_MOVES)
        moves: dict[str, Move] = {}
        for row in node[channel].items():
            move = Move(_name(row["bone"]), *(_vector(row, part) for part in _PARTS))
            if move.bone in moves:
                row["bone"].complain("a bone that is not listed twice")
            moves[move.bone] = move
        poses[channel] = Pose(tuple(moves.values()), is_recorded=True)
    return {name: poses[name] for name in SHAPES if name in poses}


def _vector(row: Node, part: str) -> Vector:
    if part not in row.value:
        return (0.0, 0.0, 0.0)
    numbers = [number.number(-_FARTHEST, _FARTHEST) for number in row[part].items()]
    if len(numbers) != 3:
        row[part].complain("three numbers")
    x, y, z = numbers
    return (x, y, z)


def _bones(node: Node) -> dict[Role, str]:
    unknown = sorted(_object(node).value.keys() - set(ROLES))
    if unknown:
        node[unknown[0]].complain(f"of one of {', '.join(ROLES)}")
    return {role: _name(node[role]) for role in ROLES if role in node.value}


def _distribution(node: Node) -> Distribution:
    chest, neck, gaze = (node[name].number(0.0, 1.0) for name in ("chest", "neck", "gaze"))
    if chest + neck > 1.0 + 1e-9:
        node.complain("shares of chest and neck of 1 together at most")
    return Distribution(chest, neck, gaze)


def _drive(mesh: str, row: Node) -> Drive:
    weights = _object(row["weights"])
    for channel in weights.value:
        _check_channel(weights, channel)
    low, high = _limits(row["range"], _WIDEST_RANGE)
    terms = [(channel, weights[channel].number(-LARGEST_WEIGHT, LARGEST_WEIGHT)) for channel in weights.value]
    offset = row["offset"].number(-_WIDEST_RANGE, _WIDEST_RANGE) if "offset" in row.value else 0.0
    return Drive(mesh, _name(row["key"]), sort_weights(terms), offset, low, high)


def _tunings(node: Node) -> dict[str, Tuning]:
    tunings = {}
    for channel in _object(node).value:
        _check_channel(node, channel)
        told = _object(node[channel])
        unknown = sorted(told.value.keys() - {"gain", "offset", "invert", "range"})
        if unknown:
            told.complain(f"without {unknown[0]!r}, which is not known")
        invert = told["invert"].value if "invert" in told.value else False
        if not isinstance(invert, bool):
            told["invert"].complain("true or false")
        low, high = _limits(told["range"], LARGEST_OFFSET) if "range" in told.value else (PLAIN.low, PLAIN.high)
        tuning = Tuning(
            told["gain"].number(-LARGEST_WEIGHT, LARGEST_WEIGHT) if "gain" in told.value else PLAIN.gain,
            told["offset"].number(-LARGEST_OFFSET, LARGEST_OFFSET) if "offset" in told.value else PLAIN.offset,
            invert,
            low,
            high,
        )
        if tuning != PLAIN:
            tunings[channel] = tuning
    return {name: tunings[name] for name in SHAPES if name in tunings}


def _told(tuning: Tuning) -> dict[str, Any]:
    """Only what differs from a channel that is read as it is."""
    told: dict[str, Any] = {"gain": tuning.gain, "offset": tuning.offset, "invert": tuning.invert}
    plain = {"gain": PLAIN.gain, "offset": PLAIN.offset, "invert": PLAIN.invert}
    told = {name: value for name, value in told.items() if value != plain[name]}
    if (tuning.low, tuning.high) != (PLAIN.low, PLAIN.high):
        told["range"] = [tuning.low, tuning.high]
    return told


def _limits(node: Node, most: float) -> tuple[float, float]:
    ends = [end.number(-most, most) for end in node.items()]
    if len(ends) != 2 or ends[0] > ends[1]:
        node.complain("two numbers, the lower first")
    return ends[0], ends[1]


def _object(node: Node) -> Node:
    if not isinstance(node.value, dict):
        node.complain("an object")
    return node


def _name(node: Node) -> str:
    name = node.text()
    if not 0 < len(name) <= _LONGEST_NAME:
        node.complain(f"a name of 1 to {_LONGEST_NAME} characters")
    return name


def _check_channel(node: Node, channel: str) -> None:
    if channel not in INDEX:
        node[channel].complain("of one of ARKit's 52 channels")


def _check_count(node: Node, most: int) -> None:
    if isinstance(node.value, list) and len(node.value) > most:
        raise UserError(f"{node.source} is not valid: {node.place} has {len(node.value)} entries; {most} are allowed.")
