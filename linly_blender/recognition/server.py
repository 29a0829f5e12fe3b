"""Any server that transcribes as OpenAI's does: the utterance so far is sent whenever its text is asked for."""

import io
import json
import wave
from typing import Final

import numpy as np

from ..live.services import HEARING_RATE, Sound
from ..servers import TOTAL_SECONDS, Key, Server, no_key, read_address
from .buffered import BufferedHearing

OPTIONS: Final = {"model": "whisper-1"}
"""What may stand after the # of the address."""
LONGEST: Final = 60.0
"""Seconds of an utterance that are sent: its end, when it is longer."""
_MOST_BYTES: Final = 1_000_000


class ServerRecogniser:
    """A ``Recogniser`` that asks ``POST {base}/audio/transcriptions``.

    Parameters: the address, as ``servers.read_address`` takes it; two letters of the language, or empty to let the
    server find out; what gives the key; whether Blender may go online; the seconds an answer may take.
    Raises ServiceError.
    """

    def __init__(
        self, url: str, language: str, key: Key = no_key, *, allow_online: bool = False, total: float = TOTAL_SECONDS
    ) -> None:
        address = read_address(url, OPTIONS, allow_online)
        self._server = Server(address, key, "transcription server", total=total)
        self._fields = {"model": address.options["model"], "response_format": "json"}
        if language:
            self._fields["language"] = language

    def listen(self) -> BufferedHearing:
        """Begin an utterance."""
        return BufferedHearing(self.transcribe, LONGEST)

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
        return text

    def close(self) -> None:
        """Close the connection."""
        self._server.close()


def _wav(sound: Sound) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(HEARING_RATE)
        file.writeframes(np.ascontiguousarray(sound, "<i2").tobytes())
    return buffer.getvalue()
