"""From the sound of speech to its words."""

from pathlib import Path
from typing import Final

from ..errors import UserError
from ..live.services import Recogniser, ServiceError
from ..servers import TOTAL_SECONDS, Key, no_key

FORMS = "pocketsphinx, sherpa:FOLDER, server:URL or none"
RECORDED_SECONDS: Final = 120.0
"""That a server's answer may take when it is for a recording."""


def open_recogniser(
    spec: str, language: str, key: Key = no_key, allow_online: bool = False, *, recorded: bool = False
) -> Recogniser | None:
    """Open the recogniser that ``spec`` names; None is none: the user types.

    Parameters: ``pocketsphinx``, ``sherpa:FOLDER``, ``server:URL`` (with ``#model=NAME`` at its end when the server
    has several) or ``none``; the language listened for, ``en``, ``zh`` or an espeak-ng code; what gives the key of
    the server; whether other machines may be asked; whether it is for a recording, with which nobody waits for an
    answer, so that it may think longer.
    Raises UserError for an unknown form, ServiceError for whatever does not work.
    """
    kind, _, rest = spec.strip().partition(":")
    if kind == "none" and not rest:
        return None
    if kind == "pocketsphinx" and not rest:
        if short_code(language) != "en":
            raise ServiceError(
                "setting",
                f"The built-in recogniser understands English only, not {language!r}. Choose English, a model folder "
                "for sherpa-onnx, a transcription server, or none and type.",
            )
        from .pocketsphinx import SphinxRecogniser

        return SphinxRecogniser(recorded=recorded)
    if kind == "sherpa" and rest:
        from .sherpa import SherpaRecogniser

        return SherpaRecogniser(Path(rest).expanduser(), short_code(language))
    if kind == "server" and rest:
        from .server import ServerRecogniser

        total = RECORDED_SECONDS if recorded else TOTAL_SECONDS
        return ServerRecogniser(rest, short_code(language), key, allow_online=allow_online, total=total)
    raise UserError(f"There is no recogniser {spec[:60]!r}. Choose {FORMS}.")


def short_code(language: str) -> str:
    """The two letters most programs know a language by; empty for ``auto``.

    >>> short_code("en-us"), short_code("cmn"), short_code("auto")
    ('en', 'zh', '')
    """
    first = language.lower().partition("-")[0]
    return {"cmn": "zh", "auto": ""}.get(first, first)
