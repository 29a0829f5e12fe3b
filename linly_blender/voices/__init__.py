"""Voices other than the built-in one: a file or a server of the user's."""

from pathlib import Path

from ..errors import UserError
from ..live.services import Mouth
from ..servers import Key, no_key
from ..speech.synthesis import EspeakVoice

FORMS = "espeak, espeak:VARIANT, piper:FILE, sherpa:FOLDER or server:URL"


class EspeakMouth(EspeakVoice):
    """The built-in voice as a ``Mouth``."""

    def close(self) -> None:
        """Free the library; calling it again does nothing."""
        self.__exit__()


def open_voice(spec: str, language: str, key: Key = no_key, allow_online: bool = False) -> Mouth:
    """Open the voice that ``spec`` names.

    Parameters: ``espeak``, ``espeak:VARIANT``, ``piper:FILE``, ``sherpa:FOLDER`` or ``server:URL`` (with
    ``#model=NAME&voice=NAME`` at its end when the server has several); the language it is to speak, which is checked
    where the voice says what it speaks; what gives the key of the server; whether other machines may be asked.
    Raises UserError for an unknown form, ServiceError and ModelError for whatever does not work.
    """
    kind, _, rest = spec.strip().partition(":")
    if kind == "espeak":
        return EspeakMouth(rest or None)
    if kind == "piper" and rest:
        from .piper import PiperMouth

        return PiperMouth(Path(rest).expanduser(), language)
    if kind == "sherpa" and rest:
        from .sherpa import SherpaMouth

        return SherpaMouth(Path(rest).expanduser())
    if kind == "server" and rest:
        from .server import ServerMouth

        return ServerMouth(rest, key, allow_online=allow_online)
    raise UserError(f"There is no voice {spec[:60]!r}. Choose {FORMS}.")
