"""What the lips really do: gap, width and place of the lips on a head, in millimetres, and what speech asks of them.

A face shape means something else on every head, so lips are judged by where their vertices go and never by the
value of a shape.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from .. import avatar
from ..arkit import INDEX
from ..face.inventory import Segment, analyse
from ..score import Speech

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Curves = NDArray[np.float32] | NDArray[np.float64]

CLOSED: Final = 0.6
"""Lips at most this many millimetres further apart than at rest count as closed."""
ON_TIME: Final = 0.015
"""Seconds a closure may come before or after its phone's start."""
ROUNDED: Final = 0.2
"""Narrowing of the mouth, as a share of what ``mouthPucker`` at 1 does, from which lips count as rounded."""
SAMPLES: Final = 9
"""Places at which each sound is looked at, its start and end among them."""
TUCKED: Final = 1.0
"""Millimetres the lower lip moves back against the upper one, from which it counts as on the teeth."""
CLOSE_TO_TEETH: Final = 3.0
"""Millimetres between the lips up to which a tucked lower lip touches the upper teeth."""


@dataclass(frozen=True, slots=True)
class LipGauge:
    """The inner lips of one head as a linear function of its 52 shapes.

    Columns run across the mouth; each holds a few vertices of either lip around the line where they meet, so that
    the gap stays right when a lip rolls and another vertex becomes its edge.
    """

    upper: Floats
    """Height and depth (towards the back) at rest, millimetres [shape=(columns, group, 2)]."""
    lower: Floats
    upper_moves: Floats
    """What every shape adds at 1 [shape=(52, columns, group, 2)]."""
    lower_moves: Floats
    width: Floats
    """Mouth width at rest and what every shape adds at 1, millimetres [shape=(53,)]."""

    @classmethod
    def from_mesh(
        cls, vertices: Floats, deltas: Mapping[str, Floats], upper: Indices, lower: Indices, corners: tuple[int, int]
    ) -> Self:
        """Gauge of a mesh in character space (+X left, +Y backwards, +Z up), in metres.

        Parameters: vertices [shape=(v, 3)]; deltas of shapes by ARKit name, absent ones counting as no movement
        [shape=(v, 3) each]; indices of the inner lips' vertices, paired [shape=(columns,) or (columns, group)];
        the two corners of the mouth.
        """
        groups = [np.asarray(group).reshape(len(group), -1) for group in (upper, lower)]
        moves = np.zeros((52, len(vertices), 3), np.float32)
        for name, delta in deltas.items():
            moves[INDEX[name]] = delta
        up_back = [2, 1]
        rest = [1000 * vertices[group][..., up_back] for group in groups]
        moved = [1000.0 * moves[:, group][..., up_back] for group in groups]
        left, right = corners
        span = 1000 * abs(float(vertices[left, 0] - vertices[right, 0]))
        sign = np.sign(vertices[left, 0] - vertices[right, 0])
        widening = 1000.0 * sign * (moves[:, left, 0] - moves[:, right, 0])
        return cls(rest[0], rest[1], moved[0], moved[1], np.concatenate([[span], widening]))

    def _edges(self, shapes: Curves) -> tuple[Floats, Floats, Floats, Floats]:
        """Height and depth of the upper lip's lowest and the lower lip's highest point [shape=(n, columns) each]."""
        count = len(shapes)
        flat = np.asarray(shapes, np.float64)
        upper = self.upper + (flat @ self.upper_moves.reshape(52, -1)).reshape(count, *self.upper.shape)
        lower = self.lower + (flat @ self.lower_moves.reshape(52, -1)).reshape(count, *self.lower.shape)
        at_upper = upper[..., 0].argmin(axis=2)[..., None, None]
        at_lower = lower[..., 0].argmax(axis=2)[..., None, None]
        upper_edge = np.take_along_axis(upper, at_upper, axis=2)[:, :, 0]
        lower_edge = np.take_along_axis(lower, at_lower, axis=2)[:, :, 0]
        return upper_edge[..., 0], upper_edge[..., 1], lower_edge[..., 0], lower_edge[..., 1]

    def gap(self, shapes: Curves) -> Floats:
        """Opening between the inner lips at its widest, above the rest pose, millimetres [shape=(n, 52) -> (n,)]."""
        widest: Floats = self._by_column(shapes).max(axis=1)
        return widest

    def _by_column(self, shapes: Curves) -> Floats:
        upper, _, lower, _ = self._edges(shapes)
        rest_upper, _, rest_lower, _ = self._edges(np.zeros((1, 52)))
        above_rest: Floats = (upper - lower) - (rest_upper - rest_lower)
        return above_rest

    def tuck(self, shapes: Curves) -> Floats:
        """How far the lower lip has gone back against the upper one, mid mouth, millimetres [shape=(n,)]."""
        _, upper, _, lower = self._edges(shapes)
        _, rest_upper, _, rest_lower = self._edges(np.zeros((1, 52)))
        middle = len(self.upper) // 2
        back: Floats = ((lower - upper) - (rest_lower - rest_upper))[:, middle]
        return back

    def rounding(self, shapes: Curves) -> Floats:
        """Narrowing of the mouth as a share of what ``mouthPucker`` at 1 does [shape=(n,)]."""
        return np.asarray(shapes @ self.width[1:] / self.width[1 + INDEX["mouthPucker"]], np.float64)


def avatar_gauge() -> LipGauge:
    """Gauge of the demo avatar."""
    mesh = avatar.build()
    deltas = {name: delta.astype(np.float64) for name, delta in mesh.shapes.items()}
    marks = {name: indices.astype(np.int64) for name, indices in mesh.landmarks.items()}
    corners = (int(marks["mouth_corner_left"][0]), int(marks["mouth_corner_right"][0]))
    upper, lower = marks["inner_lip_upper"], marks["inner_lip_lower"]
    return LipGauge.from_mesh(mesh.vertices.astype(np.float64), deltas, upper, lower, corners)


def ict_gauge(path: Path) -> LipGauge:
    """Gauge of the ICT-FaceKit head from its ``ict_facekit.npz`` (y up, centimetres)."""
    with np.load(path, allow_pickle=False) as data:
        to_metres = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]) * 0.01
        vertices = data["vertices"].astype(np.float64) @ to_metres.T
        deltas: dict[str, Floats] = {}
        for name in map(str, data["shape_names"]):
            arkit = name.replace("_L", "Left").replace("_R", "Right")
            if arkit not in INDEX:  # browInnerUp and cheekPuff come as pairs
                arkit = name.removesuffix("_L").removesuffix("_R")
            if arkit in INDEX:
                delta = deltas.setdefault(arkit, np.zeros_like(vertices))
                delta[data[f"shape_index_{name}"]] += data[f"shape_delta_{name}"] @ to_metres.T
        skin = np.zeros(len(vertices), bool)
        sizes = np.diff(np.append(data["poly_start"], len(data["loop_vertex"])))
        skin[data["loop_vertex"][np.repeat(data["poly_material"] == 0, sizes)]] = True
        upper, lower = inner_lips(vertices, deltas["jawOpen"], skin)
        landmarks = data["landmarks_multi_pie68"]
        return LipGauge.from_mesh(vertices, deltas, upper, lower, (int(landmarks[54]), int(landmarks[48])))


def inner_lips(
    vertices: Floats, jaw_open: Floats, candidates: NDArray[np.bool_], columns: int = 9
) -> tuple[Indices, Indices]:
    """Find the line where the lips meet: skin that lies together at rest and that the jaw tears apart.

    Parameters: vertices and what ``jawOpen`` adds, metres [shape=(v, 3)]; which vertices are skin [shape=(v,)].
    Returns indices of the upper and the lower lip [shape=(columns, group)], columns from right to left.
    """
    drop = -jaw_open[:, 2]
    falls = candidates & (drop > 0.6 * drop.max())
    stays = candidates & (drop < 0.2 * drop.max())
    upper, lower = np.nonzero(stays)[0], np.nonzero(falls)[0]
    # Only skin within reach of the other lip: sort out everything else by height before comparing pairs.
    low, high = vertices[upper, 2].min(), vertices[lower, 2].max()
    upper = upper[vertices[upper, 2] < high + 0.01]
    lower = lower[vertices[lower, 2] > low - 0.01]
    distance = np.linalg.norm(vertices[upper, None] - vertices[None, lower], axis=2)
    upper_seam = upper[distance.min(axis=1) < 0.004]
    lower_seam = lower[distance.min(axis=0) < 0.004]
    half = 0.8 * np.abs(vertices[lower_seam, 0]).max()
    centres = np.linspace(-half, half, columns)
    reach = half / columns
    return _by_column(vertices, upper_seam, centres, reach), _by_column(vertices, lower_seam, centres, reach)


def _by_column(vertices: Floats, seam: Indices, centres: Floats, reach: float) -> Indices:
    """Vertices of the seam near each centre, padded by repeating the nearest [shape=(columns, group)]."""
    groups = []
    for centre in centres:
        off = np.abs(vertices[seam, 0] - centre)
        near = seam[off <= max(reach, off.min())]
        groups.append(np.concatenate([[seam[off.argmin()]], near]))
    longest = max(map(len, groups))
    return np.array([np.pad(group, (0, longest - len(group)), mode="edge") for group in groups])


@dataclass(frozen=True, slots=True)
class LipReport:
    """What a head's lips did in a speech. Phones are given as (phone, start in seconds)."""

    closures: int
    """Sounds that close the lips: p, b, m ..."""
    missed: tuple[tuple[str, float], ...]
    """Those without one frame of closed lips."""
    onsets: Floats
    """Seconds by which the lips of those met after (> 0) or before (< 0) the phone's start [shape=(k,)]."""
    held: Floats
    """Seconds the lips stayed together [shape=(k,)]."""
    late: tuple[tuple[str, float], ...]
    """Closures further than ``ON_TIME`` from their start."""
    vowels: int
    """Stressed ones."""
    shut_vowels: tuple[tuple[str, float], ...]
    """Stressed vowels whose middle half is closed."""
    openings: Floats
    """Largest gap in each stressed vowel, millimetres [shape=(vowels,)]."""
    others: int
    """Unstressed vowels and consonants that leave the lips apart."""
    shut_others: tuple[tuple[str, float], ...]
    """Those closed in their middle half."""
    rounded: tuple[int, int]
    """(rounded, all) of u, o, w, ʃ and the like."""
    tucked: tuple[int, int]
    """(lower lip on the teeth, all) of f, v and the like."""

    def lines(self) -> list[str]:
        """A few lines of text for people."""
        late = np.abs(self.onsets) * 1000
        shown = "none" if not len(late) else f"median {np.median(late):.1f} ms, largest {late.max():.1f} ms"
        held = f"{1000 * self.held.min():.0f} ms" if len(self.held) else "none"
        return [
            f"lips closed on p b m: {self.closures - len(self.missed)} of {self.closures}, shortest {held}",
            f"closure against sound: {shown}; {len(self.late)} beyond {1000 * ON_TIME:.0f} ms",
            f"stressed vowels shut: {len(self.shut_vowels)} of {self.vowels}, "
            f"5th percentile of opening {np.percentile(self.openings, 5) if self.vowels else 0:.1f} mm",
            f"other sounds shut: {len(self.shut_others)} of {self.others}",
            f"rounded: {_share(self.rounded)}; lower lip to the teeth: {_share(self.tucked)}",
        ]


def closure_report(speech: Speech, times: Floats, shapes: Curves, gauge: LipGauge) -> LipReport:
    """Judge the lips of one head against the phones.

    Parameters: ascending times in seconds [shape=(n,)] and the shapes at them [shape=(n, 52)]. Between two frames
    the gap is taken as linear, as a player shows it.
    """
    begins, ends = closed_runs(times, gap := gauge.gap(shapes))
    parts = segments(speech)
    spans = np.array([(start, end) for _, _, start, end, _ in parts]).reshape(-1, 2)
    points = spans[:, :1] + (spans[:, 1:] - spans[:, :1]) * np.linspace(0, 1, SAMPLES)
    gaps, roundings, tucks = (np.interp(points, times, c) for c in (gap, gauge.rounding(shapes), gauge.tuck(shapes)))
    seen_closed = np.add.accumulate(np.append(0, gap <= CLOSED))  # frames closed before each frame
    missed, late, shut_vowels, shut_others = [], [], [], []
    onsets, held, openings = [], [], []
    closures = vowels = others = rounded = to_round = tucked = to_tuck = 0
    for index, (name, segment, start, end, stress) in enumerate(parts):
        label = (name, round(start, 3))
        opening = float(gaps[index, SAMPLES // 4 : -(SAMPLES // 4)].max())
        if segment.closes_lips:
            closures += 1
            run = int(np.searchsorted(ends, start))
            if run == len(begins) or begins[run] > end or not _frames(seen_closed, times, begins[run], ends[run]):
                missed.append(label)
                continue
            onset = float(begins[run] - start)
            before = int(np.searchsorted(spans[:, 0], begins[run] + 2 * ON_TIME, side="right")) - 1
            shut_before = before < 0 or parts[before][1].closes_lips or begins[run] > spans[before, 1]
            if onset < 0 and before != index and shut_before:
                onset = 0.0  # closed already, by the sound before or in silence
            onsets.append(onset)
            held.append(float(ends[run] - max(begins[run], start)))
            if abs(onset) > ON_TIME:
                late.append(label)
        elif segment.vowel and stress > 0:
            vowels += 1
            openings.append(float(gaps[index].max()))
            if opening <= CLOSED:
                shut_vowels.append(label)
        elif segment.place != "bilabial":
            others += 1
            if opening <= CLOSED:
                shut_others.append(label)
        if segment.rounding >= 0.6:
            to_round += 1
            rounded += bool(np.any(roundings[index] >= ROUNDED))
        if segment.place == "labiodental":
            to_tuck += 1
            tucked += bool(np.any((tucks[index] >= TUCKED) & (gaps[index] > CLOSED) & (gaps[index] <= CLOSE_TO_TEETH)))
    return LipReport(
        closures, tuple(missed), np.array(onsets), np.array(held), tuple(late), vowels, tuple(shut_vowels),
        np.array(openings), others, tuple(shut_others), (rounded, to_round), (tucked, to_tuck),
    )  # fmt: skip


def closure_offsets(speech: Speech, times: Floats, shapes: Curves, gauge: LipGauge) -> Floats:
    """Seconds from each p, b, m to the nearest frame that shows closed lips; 0 where one lies within the sound.

    The measure of lip sync on film, where a closure can only be as exact as the frames are dense. Parameters as of
    ``closure_report``; returns [shape=(closures,)], infinite where no frame shows closed lips.
    """
    spans = np.array([(start, end) for _, part, start, end, _ in segments(speech) if part.closes_lips]).reshape(-1, 2)
    closed = np.concatenate([[-np.inf], times[gauge.gap(shapes) <= CLOSED], [np.inf]])
    after = np.searchsorted(closed, spans[:, 0])
    offsets: Floats = np.minimum(spans[:, 0] - closed[after - 1], np.maximum(closed[after] - spans[:, 1], 0))
    return offsets


def _frames(closed_before: Indices, times: Floats, start: float, end: float) -> int:
    """Number of closed frames from start to end."""
    first, last = np.searchsorted(times, (start, end))
    return int(closed_before[last] - closed_before[first])


def _share(count: tuple[int, int]) -> str:
    return f"{count[0]} of {count[1]}" + (f" ({100 * count[0] / count[1]:.1f} %)" if count[1] else "")


def segments(speech: Speech) -> list[tuple[str, Segment, float, float, int]]:
    """Every gesture with its phone's name, its start, end and stress; glides of a diphthong count as unstressed."""
    found = []
    for phone in speech.phones:
        at = phone.start
        parts = analyse(phone.phone)
        core = max((p for p in parts if p.vowel), key=lambda p: p.share, default=None)
        for part in parts:
            until = at + part.share * (phone.end - phone.start)
            found.append((phone.phone, part, at, until, phone.stress if part is core else 0))
            at = until
    return found


def closed_runs(times: Floats, gap: Floats) -> tuple[Floats, Floats]:
    """Start and end of every stretch of closed lips, to a fraction of a frame [shape=(k,) each]."""
    closed = gap <= CLOSED
    edges = np.nonzero(closed[1:] != closed[:-1])[0]
    crossing = times[edges] + (CLOSED - gap[edges]) / (gap[edges + 1] - gap[edges]) * (times[edges + 1] - times[edges])
    falling = closed[edges + 1]
    begins, ends = crossing[falling], crossing[~falling]
    if len(closed) and closed[0]:
        begins = np.append(-np.inf, begins)
    if len(closed) and closed[-1]:
        ends = np.append(ends, np.inf)
    return begins, ends
