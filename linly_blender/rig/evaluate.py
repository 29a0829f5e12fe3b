"""Frames through a mapping: whole takes at once, or one live moment."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX, SHAPES
from .mapping import PLAIN, POSES, Drive, Mapping
from .poses import Pose

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Player:
    """A mapping made ready to be played often."""

    meshes: dict[str, tuple[str, ...]]
    """Driven keys of each mesh, in the order of its values."""
    places: dict[str, slice]
    """Of each mesh among all values."""
    tunings: tuple[Floats, Floats, Floats, Floats] | None
    """Gain, offset, low, high of the channels [shape=(52,) each]; None where all are read as they are."""
    weights: Floats
    """[shape=(52, k)]"""
    offsets: Floats
    """[shape=(k,)]"""
    low: Floats
    high: Floats

    @classmethod
    def of(cls, mapping: Mapping) -> Self:
        names: dict[str, list[int]] = {}
        for number, drive in enumerate(mapping.drives):
            names.setdefault(drive.mesh, []).append(number)
        meshes, places = {}, {}
        order: list[Drive] = []
        for mesh, numbers in names.items():
            places[mesh] = slice(len(order), len(order) + len(numbers))
            meshes[mesh] = tuple(mapping.drives[number].key for number in numbers)
            order += [mapping.drives[number] for number in numbers]
        weights = np.zeros((len(SHAPES), len(order)), np.float32)
        for column, drive in enumerate(order):
            for channel, weight in drive.weights:
                weights[INDEX[channel], column] = weight
        return cls(
            meshes,
            places,
            _tunings(mapping),
            weights,
            np.array([drive.offset for drive in order], np.float32),
            np.array([drive.low for drive in order], np.float32),
            np.array([drive.high for drive in order], np.float32),
        )

    def values(self, shapes: Floats) -> Floats:
        """Values of all keys, meshes one after another [shape=(n, 52) -> (n, k), or (52,) -> (k,)]."""
        if self.tunings is not None:
            gain, offset, low, high = self.tunings
            shapes = np.minimum(np.maximum(shapes * gain + offset, low), high)
        out: Floats = shapes @ self.weights
        out += self.offsets
        np.maximum(out, self.low, out=out)
        return np.minimum(out, self.high, out=out)

    def by_mesh(self, shapes: Floats) -> dict[str, Floats]:
        """Values of each mesh's keys [shape=(n, keys of the mesh)], in the order of ``meshes``."""
        values = self.values(shapes)
        return {mesh: values[..., place] for mesh, place in self.places.items()}


@dataclass(frozen=True, slots=True, eq=False)
class PosePlayer:
    """The poses of a mapping, made ready to be played often."""

    bones: tuple[str, ...]
    player: Player
    """Its values are how far each pose is taken."""
    moves: Floats
    """Turn, shift and stretch of each bone at 1 of each pose [shape=(poses, bones * 9)]."""

    @classmethod
    def of(cls, mapping: Mapping, poses: dict[str, Pose]) -> Self:
        player = Player.of(replace(mapping, drives=tuple(d for d in mapping.drives if d.mesh == POSES)))
        played = [poses[name] for name in player.meshes.get(POSES, ())]
        bones = tuple(dict.fromkeys(move.bone for pose in played for move in pose.moves))
        moves = np.zeros((len(played), len(bones), 9), np.float32)
        for row, pose in zip(moves, played, strict=True):
            for move in pose.moves:
                row[bones.index(move.bone)] = (*move.turn, *move.shift, *move.stretch)
        return cls(bones, player, moves.reshape(len(played), len(bones) * 9))

    def values(self, shapes: Floats) -> Floats:
        """Turn (a rotation vector), shift and stretch of each bone [shape=(n, 52) -> (n, bones, 9), or (52,) -> ...].

        All are in the bone's own channels; see ``poses.Move``.
        """
        out: Floats = self.player.values(shapes) @ self.moves
        return out.reshape(*shapes.shape[:-1], len(self.bones), 9)


def _tunings(mapping: Mapping) -> tuple[Floats, Floats, Floats, Floats] | None:
    if all(tuning == PLAIN for tuning in mapping.tunings.values()):
        return None
    rows = [mapping.tunings.get(name, PLAIN) for name in SHAPES]
    sign = [-1.0 if row.invert else 1.0 for row in rows]
    gain = np.array([row.gain * way for row, way in zip(rows, sign, strict=True)], np.float32)
    offset = np.array([row.offset + (row.gain if row.invert else 0.0) for row in rows], np.float32)
    return gain, offset, np.array([row.low for row in rows], np.float32), np.array([r.high for r in rows], np.float32)
