"""Labels in any script: matplotlib's own font knows IPA but no Chinese, and says so with empty boxes.

Wanted: a system font that knows Chinese, else the one that Blender's Python package carries, drawn by Pillow because
matplotlib cannot open its compression. Without either a label in Chinese stays away, and ``missing`` tells.
"""

import importlib.util
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.ft2font import FT2Font
    from PIL import ImageFont

_LATIN: Final = "DejaVu Sans"
_CHINESE: Final = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB", "Heiti SC"),
    *("Microsoft YaHei", "DengXian", "SimHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback"),
    *("Noto Sans CJK JP", "Noto Sans CJK TC", "Arial Unicode MS"),
)
"""Font families that hold the characters of modern Chinese, on Linux, macOS and Windows."""
_EM: Final = 100
"""Points at which characters are measured."""


class _Widths(dict[str, float]):
    """Width of every character, in font sizes; one that the font does not know is square, as Chinese is."""

    def __init__(self, font: "FT2Font") -> None:
        self._font, self._known = font, font.get_charmap()
        font.set_size(_EM, 72)

    def __missing__(self, character: str) -> float:
        is_known = ord(character) in self._known
        self[character] = self._font.load_char(ord(character)).linearHoriAdvance / 65536 / _EM if is_known else 1.0
        return self[character]


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
        fonts = [font_manager.get_font(path) for path in paths]
        self._characters = set().union(*(font.get_charmap() for font in fonts))
        self._widths = _Widths(fonts[0])

    def width(self, text: str, size: float) -> float:
        """How wide a text is, in points, at a font size in points."""
        return size * sum(self._widths[character] for character in text)

    def shorten(self, text: str, size: float, room: float) -> str:
        """The text, cut with an ellipsis to fit ``room`` points; empty when not even three characters do."""
        ends = size * np.cumsum([self._widths[character] for character in text])
        if not len(ends) or ends[-1] <= room:
            return text
        kept = int(np.searchsorted(ends, room - self.width("…", size), side="right"))
        return text[:kept].rstrip() + "…" if kept > 2 else ""

    def write(self, axes: "Axes", time: float, height: float, text: str, size: float, **style: Any) -> None:
        """Write ``text`` on a lane at ``time``, data coordinates; ``style`` is ``ha``, ``color`` and ``weight``."""
        if all(ord(character) in self._characters for character in text):
            axes.text(time, height, text, fontsize=size, va="center", clip_on=True, **style)
        elif self._blenders_font is None:
            self.missing = True
        else:
            _draw(axes, time, height, text, self._blenders_font, size, style)

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


@lru_cache(maxsize=8)
def _open_font(path: Path, pixels: int) -> "ImageFont.FreeTypeFont":
    from PIL import ImageFont

    return ImageFont.truetype(str(path), pixels)


def _draw(axes: "Axes", time: float, height: float, text: str, path: Path, size: float, style: dict[str, Any]) -> None:
    """The text as a small picture, pixel for pixel."""
    from matplotlib.colors import to_rgb
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage
    from PIL import Image, ImageDraw

    dpi = axes.figure.dpi
    font = _open_font(path, round(size * dpi / 72))
    left, top, right, bottom = font.getbbox(text, anchor="lm")
    canvas = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(canvas).text((1 - left, 1 - top), text, fill=255, font=font, anchor="lm")
    alpha = np.asarray(canvas, dtype=np.float32) / 255.0
    pixels = np.dstack([np.full_like(alpha, channel) for channel in to_rgb(style.get("color", "black"))] + [alpha])
    alignment = ({"left": 0.0, "center": 0.5}[style.get("ha", "left")], 0.5)
    picture = OffsetImage(pixels, zoom=72 / dpi, interpolation="nearest")
    axes.add_artist(AnnotationBbox(picture, (time, height), frameon=False, box_alignment=alignment, pad=0))
