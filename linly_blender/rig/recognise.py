"""A character's face, recognised from the names and ranges of its shape keys: what each ARKit channel drives.

Every channel is given the best that there is: keys of that very name; what its convention says; the mouth shapes of
a set of visemes; keys whose words say it; other channels that come near. What is left is missing, and said so.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ..arkit import SHAPES
from ..errors import some_of
from . import visemes
from .mapping import POSES, Coverage, Drive, How, Key, Mapping, Mesh, sort_weights, twin
from .names import SPELLED, Match, match_conventions
from .poses import Pose
from .similar import propose
from .spelling import side, spelled
from .standins import STAND_INS

MOST_KEYS: Final = 20_000
"""Of a character, in all its meshes together; what is beyond is not looked at."""
_ACCEPTED: Final = 0.3
"""Score from which a convention names a character ..."""
_FEWEST: Final = 3
"""... with this many of its names."""
_PARTIAL: Final = 0.7
"""Confidence in a channel of which some keys are missing."""
_LEANS: Final = 0.3
"""How far to one side a key must move the face for its side to count."""
_LOOKS: Final = tuple(name for name in SHAPES if name.startswith("eyeLook"))
_MODELLING: Final = "$md"
"""MPFB's keys that give a character its looks begin so."""
_SIDED: Final = tuple(name for name in SHAPES if re.fullmatch("(eye|brow|mouth).+(Left|Right)", name))
"""Channels that move one side of a face; ``mouthLeft`` moves all of a mouth to one."""

Place = tuple[str, str]
"""Mesh and key."""
_BY_WHAT: Final = {"jaw": ("jawOpen",)}
"""Channels for which keys that move only the skin need a bone as well, by the convention's word for it."""
_BY_KEYS: Final = ("exact", "convention", "similar")
"""How keys of their own show channels."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a character's face is found to be."""

    mapping: Mapping
    convention: str | None
    """Id of the convention; None for names of nobody's."""
    title: str
    """The convention's, for people."""
    score: float
    """0..1"""
    runner_up: str | None
    runner_up_score: float
    coverage: tuple[Coverage, ...]
    """Of every ARKit channel, in ARKit's order."""
    notes: tuple[str, ...]
    """What a person should know."""
    bones_too: tuple[str, ...] = ()
    """``jaw`` and ``eyes``, where by the convention the keys move only the skin and a bone has to turn as well."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Channels that nothing shows."""
        return tuple(one.channel for one in self.coverage if one.how == "missing")

    @property
    def can_speak(self) -> bool:
        """Whether anything opens the mouth."""
        return "jawOpen" not in self.missing

    @property
    def stand_ins(self) -> tuple[Coverage, ...]:
        """Channels that only others come near to."""
        return tuple(one for one in self.coverage if one.how == "stand-in")

    @property
    def own(self) -> int:
        """How many channels are shown by something of their own."""
        return len(self.coverage) - len(self.missing) - len(self.stand_ins)

    @property
    def meshes(self) -> tuple[str, ...]:
        """Those of which anything is driven."""
        return tuple(dict.fromkeys(drive.mesh for drive in self.mapping.drives if drive.mesh != POSES))

    @property
    def summary(self) -> str:
        """One line: ``52 of 52 shapes in 4 meshes (ARKit)``."""
        own = f"{self.own} of {len(SHAPES)} shapes"
        more = f", {len(self.stand_ins)} by stand-ins" if self.stand_ins else ""
        if not self.meshes:
            return f"{own} by bones{more} ({self.title})"
        return f"{own}{more} in {len(self.meshes)} mesh{'es' * (len(self.meshes) != 1)} ({self.title})"


@dataclass(slots=True)
class _Row:
    """What shows one channel, while it is being found."""

    how: How
    confidence: float
    reason: str
    weights: dict[Place, float] = field(default_factory=dict)


def recognise(meshes: Sequence[Mesh], poses: dict[str, Pose] | None = None) -> Recognition:
    """Recognise a character by all its meshes together.

    Parameters: the meshes; poses of its bones by channel, which show it where no key does, or, recorded, in any case.
    Nothing is raised for names of any kind; a character without a face has a mapping without drives.
    """
    notes: list[str] = []
    meshes = _bounded(meshes, notes)
    names = [key.name for mesh in meshes for key in mesh.keys]
    matches = match_conventions(names)
    best = next((match for match in matches if match.score >= _ACCEPTED and len(match.found) >= _FEWEST), None)
    ranges = {(mesh.name, key.name): key for mesh in meshes for key in mesh.keys}

    rows: dict[str, _Row] = {}
    for mesh in meshes:
        _by_convention(mesh, matches, rows, notes)
    _by_visemes(meshes, matches, rows)
    claimed = {place for row in rows.values() for place in row.weights}
    _by_words((place for place in ranges if place not in claimed), rows, notes)
    _check_reach(rows, ranges, notes)
    bones_too = best.convention.bones if best else ()
    _by_poses(poses or {}, {channel for what in bones_too for channel in _BY_WHAT.get(what, ())}, rows, ranges)
    _by_stand_ins(rows)
    _check_sides(rows, ranges, notes)

    mapping = Mapping(_drives(rows, ranges), convention=best.convention.id if best else None)
    others = [match for match in matches if match is not best]
    return Recognition(
        mapping,
        best.convention.id if best else None,
        best.convention.title if best else "own names",
        best.score if best else 0.0,
        others[0].convention.id if others else None,
        others[0].score if others else 0.0,
        tuple(_coverage(channel, rows.get(channel)) for channel in SHAPES),
        tuple(dict.fromkeys(notes)),
        bones_too,
    )


def with_mapping(found: Recognition, mapping: Mapping) -> Recognition:
    """The same character, driven by a mapping that was changed by hand."""
    coverage = []
    for one in found.coverage:
        targets = mapping.targets(one.channel)
        if targets == found.mapping.targets(one.channel):
            coverage.append(one)
        elif targets:
            keys = tuple(dict.fromkeys(name for _, name, _ in targets))
            coverage.append(Coverage(one.channel, "by hand", 1.0, keys, "as set by hand"))
        else:
            coverage.append(Coverage(one.channel, "missing", 0.0, (), "moves nothing, as set by hand"))
    return replace(found, mapping=mapping, coverage=tuple(coverage))


def with_eyes(found: Recognition, reason: str) -> Recognition:
    """The same character, whose eyes gaze turns by bones, which shows the looks that nothing else does.

    Parameters: what was found; by what bones the eyes turn, as a reason. The mapping stays as it is: gaze drives them.
    """
    coverage = [
        Coverage(one.channel, "bone", 1.0, (), reason) if one.how == "missing" and one.channel in _LOOKS else one
        for one in found.coverage
    ]
    return replace(found, coverage=tuple(coverage))


def _bounded(meshes: Sequence[Mesh], notes: list[str]) -> tuple[Mesh, ...]:
    kept, left = [], MOST_KEYS
    for mesh in meshes:
        keys = tuple({key.name: key for key in mesh.keys if not key.name.startswith(_MODELLING)}.values())
        if len(keys) > left:
            notes.append(f"There are more than {MOST_KEYS} shape keys; '{mesh.name}' was not looked at to its end.")
        kept.append(Mesh(mesh.name, keys[:left]))
        left -= len(kept[-1].keys)
    return tuple(kept)


# Conventions


def _by_convention(mesh: Mesh, matches: Iterable[Match], rows: dict[str, _Row], notes: list[str]) -> None:
    """What the conventions say of one mesh, the best convention's word first."""
    own = {key.name for key in mesh.keys}
    done: set[str] = set()
    for match in matches:
        if not match.convention.drive:
            continue
        there = _there(mesh.name, own, match, notes)
        for channel, (weights, is_whole, fit) in _choices(match, there).items():
            if channel in done:
                continue
            done.add(channel)
            is_own_name = len(weights) == 1 and spelled(next(iter(weights))) == spelled(channel)
            how: How = "exact" if is_own_name and fit >= SPELLED else "convention"
            confidence = fit if is_whole else _PARTIAL * fit
            reason = "" if how == "exact" else f"as {match.convention.title} names it"
            if not is_whole:
                reason += ", some of its keys missing"
            row = rows.get(channel)
            if row is None:
                row = rows[channel] = _Row(how, confidence, reason)
            elif confidence > row.confidence:
                row.how, row.confidence, row.reason = how, confidence, reason
            row.weights |= {(mesh.name, there[name][0]): weight for name, weight in weights.items()}
        done |= _split_sides(mesh, match, done, rows)


def _there(mesh: str, own: set[str], match: Match, notes: list[str]) -> dict[str, tuple[str, float]]:
    """By the convention's name: the mesh's key that fits it best, and how well."""
    there: dict[str, tuple[str, float]] = {}
    doubles = []
    for name, (told, fit) in match.found.items():
        if name not in own:
            continue
        if told in there:
            doubles.append(f"{name} and {there[told][0]}")
        if told not in there or fit > there[told][1]:
            there[told] = (name, fit)
    if doubles and match.score >= _ACCEPTED:
        notes.append(f"Keys of '{mesh}' that say the same; only the better named one is driven: {some_of(doubles)}.")
    return there


def _choices(match: Match, there: dict[str, tuple[str, float]]) -> dict[str, tuple[dict[str, float], bool, float]]:
    """By channel: weights of the convention's names, whether all of them are there, and how well they fit.

    Left and right are shown in the same way: where one side lacks what the convention prefers, both take the next.
    """
    found: dict[str, tuple[dict[str, float], bool, float]] = {}
    for channel, choices in match.convention.drive.items():
        other = match.convention.drive.get(twin(channel), choices)
        whole = [number for number, choice in enumerate(choices) if all(name in there for name in choice)]
        in_both = [n for n in whole if n < len(other) and all(name in there for name in other[n])]
        number = next(iter(in_both or whole), None)
        if number is not None:
            weights = choices[number]
            found[channel] = (weights, True, min(there[name][1] for name in weights))
            continue
        for choice in choices:
            part = {name: weight for name, weight in choice.items() if name in there}
            if part:
                found[channel] = (part, False, min(there[name][1] for name in part))
                break
    return found


def _split_sides(mesh: Mesh, match: Match, done: set[str], rows: dict[str, _Row]) -> set[str]:
    """Channels that ARKit does not split, shown by a left and a right key of the same name."""
    if match.convention.id != "arkit":
        return set()
    added = set()
    by_spelling: dict[str, list[str]] = {}
    for key in mesh.keys:
        by_spelling.setdefault(spelled(key.name), []).append(key.name)
    for channel in SHAPES:
        halves = [by_spelling.get(f"{channel.lower()}.{half}") for half in "lr"]
        if channel not in done and all(halves):
            row = rows.setdefault(channel, _Row("exact", SPELLED, "split into sides"))
            row.weights |= {(mesh.name, half[0]): 1.0 for half in halves if half}
            added.add(channel)
    return added


# Visemes


def _by_visemes(meshes: Iterable[Mesh], matches: Iterable[Match], rows: dict[str, _Row]) -> None:
    """The mouth of each mesh, as far as nothing shows it yet, by the set of visemes that there is most of."""
    sets = [(match, _shown(match)) for match in matches]
    sets = [(match, shown) for match, shown in sets if len(shown) >= _FEWEST and shown.keys() & set(visemes.OPENERS)]
    if not sets:
        return
    match, shown = max(sets, key=lambda each: len(each[1]))
    reason = f"by the visemes of {match.convention.title}"
    weights = visemes.weights(shown)
    for mesh in meshes:
        own = {key.name for key in mesh.keys}
        done = {channel for channel, row in rows.items() if any(place[0] == mesh.name for place in row.weights)}
        for viseme, row_of_viseme in weights.items():
            key = next((name for name in shown[viseme] if name in own), None)
            if key is None:
                continue
            for channel in row_of_viseme.keys() - done:
                row = rows.setdefault(channel, _Row("visemes", 0.8, reason))
                row.weights[mesh.name, key] = row_of_viseme[channel]
    for row in rows.values():
        if row.how == "visemes" and max(row.weights.values()) <= 0:
            row.how, row.confidence, row.reason = "stand-in", 0.5, "takes off what would hold the mouth open"


def _shown(match: Match) -> dict[str, list[str]]:
    """By viseme: the character's keys that show it, the best first."""
    by_told: dict[str, list[str]] = {}
    for name, (told, _) in match.found.items():
        by_told.setdefault(told, []).append(name)
    shown = {
        viseme: [name for told in names for name in by_told.get(told, ())]
        for viseme, names in match.convention.visemes.items()
    }
    return {viseme: names for viseme, names in shown.items() if names}


# Words


def _by_words(places: Iterable[Place], rows: dict[str, _Row], notes: list[str]) -> None:
    """Keys of nobody's convention whose words say a channel that nothing shows yet."""
    offers: dict[str, list[tuple[float, float, Place, str]]] = {}
    for place in places:
        proposal = propose(place[1])
        for channel, weight in proposal.weights if proposal else ():
            if channel not in rows:
                assert proposal is not None
                offers.setdefault(channel, []).append((proposal.confidence, weight, place, proposal.reason))
    for channel, offered in offers.items():
        best = max(confidence for confidence, *_ in offered)
        row = rows[channel] = _Row("similar", best, next(reason for sure, _, _, reason in offered if sure == best))
        taken: dict[tuple[str, str], str] = {}
        for confidence, weight, (mesh, name), _ in sorted(offered, key=lambda offer: -offer[0]):
            half = side(name)  # of a channel in the middle both halves are taken
            if (mesh, half) in taken:
                if confidence == best:
                    notes.append(f"Both '{taken[mesh, half]}' and '{name}' of '{mesh}' may be {channel}.")
                    row.confidence = min(row.confidence, 0.5)
            elif confidence == best:
                taken[mesh, half] = name
                row.weights[mesh, name] = weight


# Bones


def _by_poses(poses: dict[str, Pose], needed: set[str], rows: dict[str, _Row], ranges: dict[Place, Key]) -> None:
    """Poses of bones show a channel where no key does, with the keys where they are needed, and alone if recorded.

    Bones that close the lips take back what bones did to open the jaw; beside a key that opens it they are left out.
    """
    for channel in SHAPES:  # in which the jaw goes before the lips
        pose = poses.get(channel)
        if pose is None or (channel == "mouthClose" and not pose.is_recorded and not _opens_by_bones(rows)):
            continue
        place = (POSES, channel)
        told = _bones_of(pose)
        row = rows.get(channel)
        if pose.is_recorded:
            rows[channel] = _Row("pose", 1.0, "by the pose recorded for it", {place: 1.0})
        elif row is None or row.how == "stand-in" or all(ranges[each].is_driven for each in row.weights):
            kept = row.weights if row is not None and row.how == "stand-in" else {}
            rows[channel] = _Row("bone", 1.0, f"by {told}", {**kept, place: 1.0})
        elif channel in needed:
            row.reason = ", ".join(filter(None, (row.reason, f"with {told}")))
            row.weights[place] = 1.0
        else:
            continue
        ranges[place] = Key(channel)
    closing = rows.get("mouthClose")
    if _opens_by_bones(rows) and closing is not None and closing.how in _BY_KEYS:
        against = f"against a jaw opened by {_bones_of(poses['jawOpen'])}"
        closing.reason = ", ".join(filter(None, (closing.reason, against)))


def _opens_by_bones(rows: dict[str, _Row]) -> bool:
    return "jawOpen" in rows and rows["jawOpen"].how in ("bone", "pose")


def _bones_of(pose: Pose) -> str:
    bones = [move.bone for move in pose.moves]
    return f"the bone '{bones[0]}'" if len(bones) == 1 else f"{len(bones)} bones"


# Stand-ins and checks


def _by_stand_ins(rows: dict[str, _Row]) -> None:
    own = {
        channel: row
        for channel, row in rows.items()
        if row.how != "stand-in" and (row.how != "visemes" or channel in visemes.SOURCES)
    }
    for channel in SHAPES:
        if channel in rows:
            continue
        for choice in STAND_INS.get(channel, ()):
            if all(other in own for other in choice):
                row = rows[channel] = _Row("stand-in", 0.5, f"{_said(choice)} instead")
                for other, share in choice.items():
                    for place, weight in own[other].weights.items():
                        row.weights[place] = row.weights.get(place, 0.0) + share * weight
                break


def _said(choice: dict[str, float]) -> str:
    return " and ".join(f"less {name}" if share < 0 else name for name, share in choice.items())


def _check_reach(rows: dict[str, _Row], ranges: dict[Place, Key], notes: list[str]) -> None:
    """A channel whose keys cannot go the way that it drives them is missing, and the user is told why."""

    def can_follow(place: Place, weight: float) -> bool:
        return ranges[place].high > 1e-6 if weight > 0 else ranges[place].low < -1e-6

    for channel in [name for name, row in rows.items() if row.how not in ("visemes", "stand-in")]:
        row = rows[channel]
        if not any(can_follow(*each) for each in row.weights.items()):
            (_, name), weight = next(iter(row.weights.items()))
            way = "Min below 0" if weight < 0 else "Max above 0"
            notes.append(f"'{name}' cannot show {channel} in the range of its slider. Set its Range {way}.")
            del rows[channel]


def _check_sides(rows: dict[str, _Row], ranges: dict[Place, Key], notes: list[str]) -> None:
    """Whether keys move the half of the face that their names say, where that was measured."""
    right, wrong = 0, []
    for channel in _SIDED:
        row = rows.get(channel)
        for place in row.weights if row is not None and row.how in ("exact", "convention") else ():
            lean = ranges[place].lean
            if lean is not None and abs(lean) >= _LEANS and side(place[1]):
                if (lean > 0) == channel.endswith("Left"):
                    right += 1
                else:
                    wrong.append(place[1])
    if wrong:
        which = "Left and right are mirrored in the names of" if len(wrong) > right else "The other side moves with"
        notes.append(f"{which} {some_of(dict.fromkeys(wrong))}. Swap the sides of the mapping if that is not meant.")


def _drives(rows: dict[str, _Row], ranges: dict[Place, Key]) -> tuple[Drive, ...]:
    terms: dict[Place, list[tuple[str, float]]] = {}
    for channel, row in rows.items():
        for place, weight in row.weights.items():
            terms.setdefault(place, []).append((channel, weight))
    order: Callable[[Place], int] = {place: number for number, place in enumerate(ranges)}.__getitem__
    return tuple(
        Drive(*place, sort_weights(terms[place]), 0.0, ranges[place].low, ranges[place].high)
        for place in sorted(terms, key=order)
    )


def _coverage(channel: str, row: _Row | None) -> Coverage:
    if row is None:
        return Coverage(channel, "missing", 0.0, (), "nothing of this character comes near it")
    keys = tuple(dict.fromkeys(name for _, name in row.weights))
    return Coverage(channel, row.how, round(row.confidence, 3), keys, row.reason)
