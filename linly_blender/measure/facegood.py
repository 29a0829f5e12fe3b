"""Recordings of one speaker with curves of the mouth (FACEGOOD-Audio2Face, MIT), as ARKit shapes.

The curves are those of another head's shapes at 30 frames a second. A workbook beside them says which of ARKit's each
stands for; two that move a lot have no place in it, and go to the shapes that do the same.
"""

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from ..arkit import INDEX
from ..errors import UserError
from ..exports.wav import decode

Curves = NDArray[np.float32]

FOLDER: Final = "facegood_mouth"
"""In a folder of data."""
FPS: Final = 30.0
_NAMES: Final = "shirley_1015_bs_name.npy"
_MAP: Final = "Voice2Face_blendshape2ARkit.xlsx"
_ADDED: Final = {"mouth_oh_c": "mouthFunnel", "mouth_oo_c": "mouthPucker"}
"""Shapes that the workbook leaves out: an open and a tight rounding of the lips."""
_MOST_BYTES: Final = 4_000_000
"""Of a part of the workbook."""
_CELLS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """Somebody speaking, and the mouth that was seen."""

    name: str
    sound: NDArray[np.int16]
    rate: int
    shapes: Curves
    """ARKit's, a row every ``1 / FPS`` seconds; only the mouth's move [shape=(n, 52)]."""

    @property
    def times(self) -> NDArray[np.float64]:
        """Seconds of the rows [shape=(n,)]."""
        return np.arange(len(self.shapes)) / FPS


def read_recordings(folder: Path) -> list[Recording]:
    """Every recording in the folder, by name. Raises UserError when there is none, or one is not as expected."""
    sounds = sorted(folder.glob("*.wav"))
    if not sounds:
        raise UserError(f"There are no recordings in {folder}. It should hold FACEGOOD's .wav and .npy files.")
    names = [str(name) for name in _array(folder / _NAMES, 1)]
    combined = _sources(folder / _MAP)
    found = []
    for path in sounds:
        values = _array(folder / f"bs_value_{path.stem}.npy", 2)
        if values.shape[1] != len(names) or not np.isfinite(values).all():
            raise UserError(f"The curves of {path} should have {len(names)} columns of numbers.")
        columns = dict(zip(names, values.T, strict=True))
        shapes = np.zeros((len(values), len(INDEX)), np.float32)
        for shape, sources in combined.items():
            shapes[:, INDEX[shape]] = np.max([columns[name] for name in sources], axis=0)
        for name, shape in _ADDED.items():
            shapes[:, INDEX[shape]] += columns[name]
        sound, rate = decode(path)
        found.append(Recording(path.stem, sound, rate, np.clip(shapes, 0, 1)))
    return found


def _array(path: Path, dimensions: int) -> NDArray[np.float64]:
    try:
        array: NDArray[np.float64] = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({error}). Copy the data again.") from error
    if array.ndim != dimensions:
        raise UserError(f"{path} should be an array of {dimensions} dimensions. Copy the data again.")
    return array


def _sources(path: Path) -> dict[str, list[str]]:
    """Curves of which the largest stands for each of ARKit's mouth shapes, as the workbook has it."""
    try:
        with zipfile.ZipFile(path) as book:
            texts = [
                "".join(part.text or "" for part in item.iter(f"{_CELLS}t"))
                for item in _xml(book, "xl/sharedStrings.xml").iter(f"{_CELLS}si")
            ]
            rows = [
                {cell.get("r", "")[:1]: texts[int(cell.findtext(f"{_CELLS}v", ""))] for cell in row if len(cell)}
                for row in _xml(book, "xl/worksheets/sheet1.xml").iter(f"{_CELLS}row")
            ]
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, IndexError, ElementTree.ParseError) as error:
        raise UserError(f"{path} is not the workbook that maps the curves ({error}). Copy the data again.") from error
    return {
        row["A"]: re.findall(r"\w+_\w+", row["C"]) for row in rows if row.get("A") in INDEX and row.get("G") == "valid"
    }


def _xml(book: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with book.open(name) as file:
        return ElementTree.fromstring(file.read(_MOST_BYTES))
