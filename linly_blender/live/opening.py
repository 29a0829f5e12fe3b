"""Opens a conversation by its settings: every part of it, on this machine or behind an address."""

import functools
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Final

import numpy as np

from ..audio.activity import Activity, make_detector
from ..audio.microphone import SystemMicrophone
from ..audio.speaker import SystemSpeaker
from ..face.learned_mouth import LearnedMouth
from ..perform import open_fine_tuner, perform_speech
from ..performance import Performance
from ..pose.choice import name_of
from ..pose.features import FEATURES
from ..pose.regions import load_region
from ..pose.styles import load_style
from ..recognition import open_recogniser
from ..reply import open_responder
from ..reply.format import Reader
from ..score import Speech
from ..speech.synthesis import EspeakVoice, speak
from ..voices import open_voice
from .actor import Actor
from .conversation import Conversation, Parts
from .frame import Newest
from .mind import Perform
from .mirror import BLOCK as MIRROR_BLOCK
from .mirror import Mirror
from .overhearing import Overhearing
from .recorder import Recorder
from .services import HEARING_RATE, Event, Mouth, Recogniser, Responder, Turn
from .settings import MIRROR, Settings


def open_conversation(
    settings: Settings,
    keys: Mapping[str, str],
    allow_online: bool,
    before: tuple[Turn, ...],
    newest: Newest,
    report: Callable[[Event], None],
    clock: Callable[[], float] = time.monotonic,
) -> Conversation:
    """Open everything; the conversation begins with its ``start`` and closes it all with its ``close``.

    Parameters: as ``open_parts`` has them; what was said ``before``; where frames and events go. Raises UserError, and
    leaves nothing open, when a part cannot be used.
    """
    parts = open_parts(settings, keys, allow_online, clock)
    return Conversation(parts, settings, newest, report, clock, before=before)


def open_live(
    settings: Settings,
    keys: Mapping[str, str],
    allow_online: bool,
    before: tuple[Turn, ...],
    newest: Newest,
    report: Callable[[Event], None],
) -> Conversation | Mirror:
    """Open what the settings name: a conversation, with the parameters of ``open_conversation``, or a mirror."""
    if settings.responder == MIRROR:
        return open_mirror(settings, newest, report)
    return open_conversation(settings, keys, allow_online, before, newest, report)


def open_mirror(
    settings: Settings,
    newest: Newest,
    report: Callable[[Event], None],
    clock: Callable[[], float] = time.monotonic,
) -> Mirror:
    """Open a mirror; it begins with its ``start``. Raises UserError when its networks or its style cannot be used."""
    style = load_style(settings.style, settings.own)
    tuner, notes = open_fine_tuner(settings.fine_tuner)
    if tuner is not None and tuner.features != FEATURES:
        tuner, notes = None, (*notes, _NOT_LIVE)
    if tuner is not None and tuner.warning is not None:
        notes = (*notes, tuner.warning)
    mouth, detector = LearnedMouth(), make_detector()

    def overhear() -> Overhearing:
        return Overhearing(mouth, tuner, style, detector)

    overhear().hear(np.zeros(HEARING_RATE, np.int16), clock(), 0.0)  # what is used first is slow
    microphone = SystemMicrophone(settings.input_device, clock, MIRROR_BLOCK)
    return Mirror(microphone, overhear, settings, name_of(tuner), newest, report, clock, notes)


def open_parts(
    settings: Settings, keys: Mapping[str, str], allow_online: bool, clock: Callable[[], float] = time.monotonic
) -> Parts:
    """What a conversation by these settings is made of; whoever has it closes it.

    May take as long as models take to load. Parameters: ``keys`` of servers, for ``language_model``, ``speech`` and
    ``recognition``; whether hosts beside this machine may be asked. Raises UserError, and leaves nothing open, when a
    part cannot be used.
    """
    with ExitStack() as opened:
        perform = performer(settings)
        rng = np.random.default_rng(settings.seed)
        body = Recorder(Actor(settings, rng.spawn(1)[0], clock()), settings)

        def responding() -> Responder:
            key = functools.partial(keys.get, "language_model")
            return open_responder(
                settings.responder, settings.language, settings.model, settings.persona, key, allow_online, clock
            )

        def speaking() -> Mouth:
            return open_voice(settings.voice, settings.language, functools.partial(keys.get, "speech"), allow_online)

        def thinking() -> tuple[Responder, Mouth]:
            with ExitStack() as half:
                responder = responding()
                half.callback(responder.close)
                voice = speaking()
                half.pop_all()
            return responder, voice

        def recognising() -> Recogniser | None:
            key = functools.partial(keys.get, "recognition")
            return open_recogniser(settings.recogniser, settings.language, key, allow_online)

        responder, voice = thinking()
        opened.callback(responder.close)
        opened.callback(voice.close)
        recogniser = recognising()
        if recogniser is not None:
            opened.callback(recogniser.close)
        _warm_up(perform, settings.language)  # takes seconds: whatever is missing has been told by then
        microphone = None
        if recogniser is not None:
            microphone = SystemMicrophone(settings.input_device, clock)
        activity = Activity(make_detector())
        speaker = SystemSpeaker(settings.output_device, clock)
        opened.callback(speaker.close)
        parts = Parts(
            microphone,
            recogniser,
            responder,
            lambda: Reader(settings.language),
            voice,
            perform,
            body,
            speaker,
            other_mind=thinking,
            other_recogniser=recognising,
            activity=lambda: activity,
        )
        opened.pop_all()
    return parts


def performer(settings: Settings) -> Perform:
    """What performs a sentence in the settings' style. Raises UserError when there is no such style or fine-tuner."""
    style, region = load_style(settings.style, settings.own), load_region(settings.region, settings.own)
    tuner, notes = open_fine_tuner(settings.fine_tuner)

    def perform(speech: Speech, seed: int) -> Performance:
        take = perform_speech(speech, style, seed, settings.fps, region=region, amounts=settings.amounts, tuner=tuner)
        return replace(take, notes=(*notes, *take.notes))

    return perform


def _warm_up(perform: Perform, language: str) -> None:
    """Perform something that nobody hears: what is loaded when it is first used would delay the first answer."""
    reader = Reader(language)
    with EspeakVoice() as voice:
        perform(speak([*reader.feed(_FIRST.get(language, "1, 2, 3.")), *reader.finish()], voice), 0)


_FIRST: Final = {"zh": "你好，我们开始吧。"}
"""What is said first in languages in which more is loaded for a word than for a number."""

_NOT_LIVE: Final = (
    "The chosen fine-tuner hears whole recordings only, no voice that is still speaking. The head moves by rules alone."
)
