"""Analyses as files of either kind: which it is, its name's ending tells."""

from pathlib import Path

from . import analysis_file, textgrid
from .analysis import Analysis


def is_textgrid(path: Path) -> bool:
    """Whether a file is, by its name, Praat's; else it is JSON."""
    return path.suffix.lower() == textgrid.SUFFIX


def read_analysis(path: Path, language: str = "auto", duration: float | None = None) -> Analysis:
    """Words and phones from a file. Parameters and errors as of ``textgrid.read`` and ``analysis_file.read``."""
    if is_textgrid(path):
        return textgrid.read(path, language, duration)
    return analysis_file.read(path, duration)


def write_analysis(analysis: Analysis, path: Path, sound_name: str) -> None:
    """Write them; the file appears whole or not at all. Raises UserError."""
    if is_textgrid(path):
        textgrid.write(analysis, path)
    else:
        analysis_file.write(analysis, path, sound_name)
