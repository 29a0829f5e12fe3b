"""What a conversation can be told before it begins."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from ..pose.amounts import NATURAL, Amounts
from ..pose.choice import DEFAULT as DEFAULT_FINE_TUNER

MIRROR: Final = "mirror"
"""The ``responder`` that answers nothing: the character says what the user says."""
Guard = Literal["half_duplex", "headphones"]
KEY_VARIABLES: Final = {
    "language_model": "LINLY_LLM_KEY",
    "speech": "LINLY_TTS_KEY",
    "recognition": "LINLY_ASR_KEY",
}
"""Servers that may want a key, and the environment's variable that may hold it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Of one conversation. Keys of servers are never in here: they are read where they are used."""

    language: str = "en"
    """``en``, ``zh`` or an espeak-ng code: what is listened for, and spoken when the text leaves it open."""
    responder: str = "echo"
    """``echo``, ``faq:FILE`` or ``llm:URL``, or ``MIRROR``."""
    model: str = ""
    """Of the language model's server."""
    persona: str = ""
    """Who the character is, told to the language model."""
    recogniser: str = "pocketsphinx"
    """``pocketsphinx``, ``sherpa:FOLDER``, ``server:URL`` or ``none`` (typed text only)."""
    voice: str = "espeak"
    """``espeak``, ``espeak:VARIANT``, ``piper:FILE``, ``sherpa:FOLDER`` or ``server:URL``."""
    style: str = "neutral"
    region: str = "neutral"
    own: Path | None = None
    amounts: Amounts = NATURAL
    fine_tuner: str = DEFAULT_FINE_TUNER
    """The network that moves the head: a word or a file, as ``pose.choice.load_fine_tuner`` reads it."""
    seed: int = 0
    input_device: str | None = None
    """Part of a name, or a number; None is the system's."""
    output_device: str | None = None
    guard: Guard = "half_duplex"
    """``half_duplex``: deaf while speaking, so that the character does not hear itself. ``headphones``: it can be
    interrupted by voice."""
    push_to_talk: bool = False
    """Listen only while told to."""
    fps: float = 60.0
    """Of the frames that are made; a viewport that is slower skips some."""
