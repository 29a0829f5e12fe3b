"""The built-in recogniser: English, with the model that comes in pocketsphinx's package."""

import functools
import re
from typing import Any, Final

import numpy as np

from ..live.services import HEARING_RATE, ServiceError, Sound

STATES: Final = 5000
"""States of words that are followed at a time; a sixth of the default is as good on short sentences."""
WORDS: Final = 5
"""Words that may end at a time. With both limits the search takes about a quarter of the time of the sound, and without
them all of it, with blocks that take half a second."""
SPOKEN: Final = {"maxhmmpf": STATES, "maxwpf": WORDS, "bestpath": False}
"""Of the decoder that understands while it is spoken to."""
RECORDED: Final = {"maxhmmpf": 3000, "maxwpf": 10, "topn": 2, "pl_window": 10, "beam": 1e-50, "bestpath": True}
"""Of the one for recordings: narrower, with a look ahead at the phones to come, and a last look at all that was found:
three times as fast, as an hour of sound wants it, and nearly as good."""

AT_ONCE: Final = 160
"""Samples that are searched at once: the decoder lets no other thread of Python run meanwhile, and what comes before
the first word is 0.4 s of sound, for which a speaker cannot wait."""

_FILLER: Final = re.compile(r"<[^>\s]*>|\[[^\]\s]*\]|\+\+[^\s+]*\+\+")
_VARIANT: Final = re.compile(r"\(\d+\)")
"""Of a word's pronunciation: ``the(2)``."""


class SphinxRecogniser:
    """A ``Recogniser`` that understands while it is spoken to; what it understands so far is always at hand.

    Only the first of its three passes runs: the others begin after the last word, when the answer is waited for, and
    the second lets no other thread of Python run for seconds. For a recording the third runs, too.
    Raises ServiceError when the package is missing or broken.
    """

    def __init__(self, *, recorded: bool = False) -> None:
        package = load_package()
        limits = RECORDED if recorded else SPOKEN
        try:
            self._decoder: Any = package.Decoder(samprate=HEARING_RATE, fwdflat=False, loglevel="FATAL", **limits)
        except (RuntimeError, ValueError) as error:
            raise ServiceError(
                "recogniser",
                f"The built-in recogniser cannot start ({error}). Install the extension again, or choose another one.",
            ) from error
        self._recorded = recorded
        self._open: SphinxHearing | None = None

    def listen(self) -> "SphinxHearing":
        """Begin an utterance; the one before is over."""
        if self._decoder is None:
            raise ServiceError("recogniser", "The recogniser has been closed. Start the conversation again.")
        if self._open is not None:
            self._open.close()
        self._open = SphinxHearing(self._decoder, recorded=self._recorded)
        return self._open

    def close(self) -> None:
        """Free the model."""
        if self._open is not None:
            self._open.close()
        self._open = self._decoder = None


class SphinxHearing:
    """One utterance. Of a recording it is over when its text is asked for."""

    at_hand = True

    def __init__(self, decoder: Any, *, recorded: bool = False) -> None:
        self._decoder: Any = decoder
        self._recorded = recorded
        self._heard = self._ended = False
        self._run(decoder.start_utt)

    def hear(self, sound: Sound) -> None:
        """Take the next samples, and search them at once."""
        if self._decoder is not None and not self._ended and len(sound):
            for begin in range(0, len(sound), AT_ONCE):
                data = np.ascontiguousarray(sound[begin : begin + AT_ONCE], np.int16).tobytes()
                self._run(functools.partial(self._decoder.process_raw, data))
            self._heard = True

    def text(self) -> str:
        """Lower case, without fillers and punctuation."""
        if self._decoder is None or not self._heard:
            return ""
        if self._recorded and not self._ended:
            self._ended = True
            self._run(self._decoder.end_utt)
        found = self._run(self._decoder.hyp)
        return clean(found.hypstr) if found is not None else ""

    def close(self) -> None:
        """End the utterance; calling it again does nothing."""
        decoder, self._decoder = self._decoder, None
        if decoder is not None and not self._ended:
            try:
                decoder.end_utt()
            except RuntimeError:
                return  # nothing was heard: there is nothing to end

    def _run(self, step: Any) -> Any:
        try:
            return step()
        except (RuntimeError, ValueError) as error:
            raise ServiceError(
                "recogniser", f"The built-in recogniser failed ({error}). Say it again; should it happen again, start "
                "the conversation anew."
            ) from error  # fmt: skip


def clean(hypothesis: str) -> str:
    """The words of a hypothesis.

    >>> clean("<s> Hello [NOISE] the(2) ++BREATH++ world </s>")
    'hello the world'
    """
    return " ".join(_VARIANT.sub("", _FILLER.sub(" ", hypothesis)).lower().split())


def load_package() -> Any:
    """The module ``pocketsphinx``; ServiceError when it is not there."""
    try:
        import pocketsphinx
    except ImportError as error:
        raise ServiceError(
            "recogniser",
            "The built-in recogniser needs the package pocketsphinx, which is not installed. Install the extension's "
            "zip for your platform, or run: pip install pocketsphinx. Windows on ARM has none: choose a model of "
            "sherpa-onnx or a server there.",
        ) from error
    return pocketsphinx
