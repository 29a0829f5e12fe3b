"""Any server that transcribes as OpenAI's does: the utterance so far is sent whenever its text is asked for."""

import io
import json
import unicodedata
import wave
from typing import Final

import numpy as np

from ..live.services import HEARING_RATE, Sound
from ..servers import Key, Server, no_key, read_address

OPTIONS: Final = {"model": "whisper-1"}
"""What may stand after the # of the address."""
LONGEST: Final = 60.0
"""Seconds of an utterance that are sent: its end, when it is longer."""
LONGEST_TEXT: Final = 4000
"""Characters understood at most; nobody says more in a minute."""
_MOST_BYTES: Final = 1_000_000


class ServerRecogniser:
    """A ``Recogniser`` that asks ``POST {base}/audio/transcriptions``.

    Parameters: the address, as ``servers.read_address`` takes it; two letters of the language, or empty to let the
    server find out; what gives the key; whether Blender may go online; the seconds an answer may take.
    Raises ServiceError.
    """

    def __init__(
        self, url: str, language: str, key: Key = no_key, *, allow_online: bool = False, total: float | None = None
    ) -> None:
        address = read_address(url, OPTIONS, allow_online)
        limits = {} if total is None else {"total": total}
        self._server = Server(address, key, "transcription server", **limits)
        self._fields = {"model": address.options["model"], "response_format": "json"}
        if language:
            self._fields["language"] = language

    def listen(self) -> "ServerHearing":
        """Begin an utterance."""
        return ServerHearing(self)

    def transcribe(self, sound: Sound) -> str:
        """What is said in a sound [shape=(n,)] at HEARING_RATE. Raises ServiceError."""
        files = {"file": ("utterance.wav", _wav(sound), "audio/wav")}
        body = self._server.post("audio/transcriptions", _MOST_BYTES, data=self._fields, files=files)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
            raise self._server.malformed("JSON") from None
        text = answer.get("text") if isinstance(answer, dict) else None
        if not isinstance(text, str):
            raise self._server.malformed("a transcription")
        return plain(text)

    def close(self) -> None:
        """Close the connection."""
        self._server.close()


class ServerHearing:
    """One utterance that is kept until its text is asked for."""

    def __init__(self, recogniser: ServerRecogniser) -> None:
        self._recogniser = recogniser
        self._blocks: list[Sound] = []
        self._length = 0
        self._known: tuple[int, str] = (0, "")

    def hear(self, sound: Sound) -> None:
        """Take the next samples."""
        self._blocks.append(np.array(sound, np.int16))
        self._length += len(sound)

    def text(self) -> str:
        """Ask the server, unless nothing has been added since the last time. Raises ServiceError."""
        if self._known[0] != self._length:
            sound = np.concatenate(self._blocks)[-round(LONGEST * HEARING_RATE) :]
            self._known = self._length, self._recogniser.transcribe(sound)
        return self._known[1]

    def close(self) -> None:
        """Forget the sound."""
        self._blocks.clear()
        self._length, self._known = 0, (0, "")


def plain(text: str) -> str:
    """A recogniser's text in one line, without control characters, cut to what can have been said."""
    kept = "".join(" " if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter for letter in text)
    return " ".join(kept[:LONGEST_TEXT].split())


def _wav(sound: Sound) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HEARING_RATE)
        file.writeframes(np.ascontiguousarray(sound, "<i2").tobytes())
    return buffer.getvalue()
