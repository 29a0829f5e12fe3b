"""Labels in any script: matplotlib's own font knows IPA but no Chinese, and says so with empty boxes.

Wanted: a system font that knows Chinese, else the one that Blender's Python package carries, drawn by Pillow because
matplotlib cannot open its compression. Without either a label in Chinese stays away, and ``missing`` tells.
"""

import importlib.util
import unicodedata
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LATIN: Final = "DejaVu Sans"
_CHINESE: Final = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB", "Heiti SC"),
    *("Microsoft YaHei", "DengXian", "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback"),
    *("Noto Sans CJK JP", "Noto Sans CJK TC", "Arial Unicode MS"),
)
"""Font families that hold the characters of modern Chinese, on Linux, macOS and Windows."""
_EM: Final = {"W": 1.0, "F": 1.0}
"""Width of a character by its East Asian width, in font sizes; others take about 0.62."""


def width(text: str, size: float) -> float:
    """About how wide a text is, in points, at a font size in points."""
    return size * sum(_EM.get(unicodedata.east_asian_width(character), 0.62) for character in text)


def shorten(text: str, size: float, room: float) -> str:
    """The text, cut with an ellipsis to fit ``room`` points; empty when not even three characters do."""
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…" if len(text) > 2 else ""


class Lettering:
    """Writes on axes whatever has a font, and remembers whether something had none."""

    def __init__(self) -> None:
        from matplotlib import font_manager

        known = {font.name for font in font_manager.fontManager.ttflist}
        self.families = [_LATIN, *[name for name in _CHINESE if name in known][:1]]
        """For ``rcParams["font.family"]``."""
        self.missing = False
        """Whether a label was left out."""
        paths = [font_manager.findfont(font_manager.FontProperties(family=name)) for name in self.families]
        self._characters = set().union(*(font_manager.get_font(path).get_charmap() for path in paths))

    def write(self, axes: "Axes", time: float, height: float, text: str, size: float, **style: Any) -> None:
        """Write ``text`` on a lane at ``time``, data coordinates; ``style`` is ``ha``, ``color`` and ``weight``."""
        if all(ord(character) in self._characters for character in text):
            axes.text(time, height, text, fontsize=size, va="center", clip_on=True, **style)
        elif self._blenders_font is None:
            self.missing = True
        else:
            self._draw(axes, time, height, text, size, style.get("ha", "left"), style.get("color", "black"))

    def _draw(self, axes: "Axes", time: float, height: float, text: str, size: float, ha: str, color: str) -> None:
        """The text as a small picture, pixel for pixel."""
        from matplotlib.colors import to_rgb
        from matplotlib.offsetbox import AnnotationBbox, OffsetImage
        from PIL import Image, ImageDraw, ImageFont

        figure = axes.get_figure()
        assert figure is not None
        font = ImageFont.truetype(str(self._blenders_font), round(size * figure.dpi / 72))
        left, top, right, bottom = font.getbbox(text, anchor="lm")
        canvas = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
        ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, fill=255, font=font, anchor="lm")
        alpha = np.asarray(canvas, dtype=np.float32) / 255.0
        pixels = np.dstack([np.full_like(alpha, channel) for channel in to_rgb(color)] + [alpha])
        alignment = ({"left": 0.0, "center": 0.5, "right": 1.0}[ha], 0.5)
        picture = OffsetImage(pixels, zoom=72 / figure.dpi)
        axes.add_artist(AnnotationBbox(picture, (time, height), frameon=False, box_alignment=alignment, pad=0))

    @cached_property
    def _blenders_font(self) -> Path | None:
        """The CJK font in pip's bpy, which is looked for but not imported."""
        package = importlib.util.find_spec("bpy")
        if package is None or importlib.util.find_spec("PIL") is None:
            return None
        for folder in package.submodule_search_locations or []:
            for font in sorted(Path(folder).glob("*/datafiles/fonts/Noto Sans CJK*")):
                return font
        return None
