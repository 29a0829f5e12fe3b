"""Any server that speaks as OpenAI's does."""

from typing import Final

from ..language.script import Line
from ..servers import TOTAL_SECONDS, Key, Server, no_key, read_address
from ..speech.synthesis import Spoken
from .alignment import Aligner
from .sound import HIGHEST_RATE, LONGEST, SoundError, from_pcm, from_wav

OPTIONS: Final = {"model": "tts-1", "voice": "alloy", "format": "wav"}
"""What may stand after the # of the address; ``format`` is ``wav`` or ``pcm``."""
PCM_RATE: Final = 24000
"""Samples a second of ``pcm``, which does not say it."""
_MOST_BYTES: Final = int(LONGEST * HIGHEST_RATE * 4)


class ServerMouth:
    """A ``Mouth`` that asks ``POST {base}/audio/speech``.

    Parameters: the address, as ``servers.read_address`` takes it; what gives the key; whether Blender may go online;
    the seconds an answer may take. Raises ServiceError.
    """

    def __init__(
        self, url: str, key: Key = no_key, *, allow_online: bool = False, total: float = TOTAL_SECONDS
    ) -> None:
        address = read_address(url, OPTIONS, allow_online)
        # A server that knows no pcm says so; anything but these two words is as good as wav.
        self._format = "pcm" if address.options["format"] == "pcm" else "wav"
        self._server = Server(address, key, "speech server", total=total)
        self._aligner = Aligner()

    def say(self, line: Line) -> Spoken:
        """Have a line spoken, and find its phones. Raises UserError."""
        options = self._server.address.options
        body = self._server.post(
            "audio/speech",
            _MOST_BYTES,
            json={
                "model": options["model"],
                "voice": options["voice"],
                "input": line.text,
                "response_format": self._format,
            },
        )
        try:
            plain = self._format == "pcm" and body[:4] != b"RIFF"
            sound, rate = from_pcm(body, PCM_RATE) if plain else from_wav(body)
        except SoundError as error:
            raise self._server.malformed(f"speech in 16 bit WAV: it {error}") from None
        return self._aligner.align(line, sound, rate).spoken

    def close(self) -> None:
        """Close the connection and free the aligner."""
        self._server.close()
        self._aligner.close()
