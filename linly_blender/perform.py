"""From a line of text to a performance: the whole engine, stage by stage."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from . import face, pose
from .errors import UserError
from .face.heard import Heard
from .language.reader import read_script
from .model_files import ModelError
from .performance import Frames, Performance
from .pose import safety
from .pose.amounts import NATURAL, Amounts, scale_expression
from .pose.choice import DEFAULT, load_fine_tuner, name_of
from .pose.constraints import Smoothing, check_smoothing
from .pose.fine_tuner import PoseFineTuner
from .pose.regions import NEUTRAL, Region, load_region
from .pose.styles import Style, load_style
from .score import Sentence, Speech
from .speech.noises import breaths, laughs, without_laughter
from .speech.prosody import Prosody, analyse
from .speech.synthesis import EspeakVoice, speak

Progress = Callable[[float, str], None]
"""Called with the share done, 0..1, and the stage's name; raises ``Cancelled`` to stop the work."""

HIGHEST_FPS: Final = 1000.0
_SHORT_NAME: Final = {"en-us": "en", "cmn": "zh"}


def no_progress(share: float, stage: str) -> None:
    """Take notice of nothing."""


def perform(
    text: str,
    *,
    language: str = "auto",
    voice: str | None = None,
    style: str = "neutral",
    region: str = "neutral",
    amounts: Amounts = NATURAL,
    own: Path | None = None,
    smoothing: str = "none",
    emotion: str | None = None,
    seed: int = 0,
    fps: float = 60.0,
    progress: Progress = no_progress,
    fine_tuner: str = DEFAULT,
) -> Performance:
    """Perform a script.

    Parameters: ``text`` with direction tags, a paragraph a line; ``language`` ``auto``, ``en``, ``zh`` or an espeak-ng
    code; ``voice`` one of espeak-ng's variants; ``style`` a preset's name, a file of one or a blend of two, as
    ``load_style`` reads it; ``region`` whose gestures mean what, a policy's name or file; ``amounts`` of the parts of
    face and body; ``own``, a folder with the user's ``styles`` and ``regions``; ``smoothing``, the filter of the head
    beside its limits, one of ``constraints.SMOOTHINGS``; ``emotion`` of the sentences that carry no tag, found from the
    text when None, and neutral, with a note, when there is none of that name; ``seed`` of everything random; ``fps`` of
    the frames; ``fine_tuner``, the network that moves the head with the planner: a word or a file, as
    ``load_fine_tuner`` reads it. One that cannot be used does without, and a note says why.

    Raises UserError for whatever the user can mend, before any work where that is possible.
    """
    check_fps(fps)
    check_seed(seed)
    chosen_style, chosen_region = load_style(style, own), load_region(region, own)
    chosen_smoothing = check_smoothing(smoothing)
    tuner, notes = open_fine_tuner(fine_tuner)
    if emotion is not None:
        emotion, _, note = safety.known_emotion(emotion, 1.0)
        notes += () if note is None else (note,)
    progress(0.0, "reading")
    lines = read_script(text, language=language, emotion=emotion)
    with EspeakVoice(voice) as speaker:
        speech = speak(lines, speaker, lambda share: progress(0.05 + 0.35 * share, "speaking"))
    take = perform_speech(
        speech,
        chosen_style,
        seed,
        fps,
        progress,
        region=chosen_region,
        amounts=amounts,
        smoothing=chosen_smoothing,
        tuner=tuner,
    )
    return replace(take, notes=(*notes, *take.notes))


def open_fine_tuner(choice: str) -> tuple[PoseFineTuner | None, tuple[str, ...]]:
    """What is chosen, as ``load_fine_tuner`` reads it, or nothing and the reason when no stage of it can be used."""
    try:
        return load_fine_tuner(choice), ()
    except ModelError as error:
        return None, (f"{error} The head moves by rules alone.",)


def perform_speech(
    speech: Speech,
    style: Style,
    seed: int,
    fps: float,
    progress: Progress = no_progress,
    *,
    region: Region = NEUTRAL,
    amounts: Amounts = NATURAL,
    smoothing: Smoothing = "none",
    tuner: PoseFineTuner | None = None,
    prosody: Prosody | None = None,
    heard: Heard | None = None,
) -> Performance:
    """Perform what has been said: face and head on the clock of the sound.

    Of a part of a recording, ``prosody`` is the recording's and ``heard`` the mouth that the sound itself tells of.
    A speech may come from a program: labels in it that are not known become neutral, and a note tells of them.
    """
    speech, notes = safety.checked(speech)
    speech = without_laughter(speech)
    # Each part draws from a generator of its own, so that a change in one leaves the others' takes as they were.
    for_face, for_pose = np.random.default_rng(seed).spawn(2)
    times = np.arange(math.floor(speech.duration * fps) + 1) / fps

    progress(0.40, "listening")
    prosody = analyse(speech.sound, speech.rate) if prosody is None else prosody
    progress(0.50, "articulating")
    spoken = face.articulate(speech, prosody, times, heard)
    articulation = face.breathe(spoken, breaths(speech), speech, times, amounts.breathing)
    expression = scale_expression(face.express(speech, times, for_face), amounts)
    expression = face.both(expression, face.laugh(laughs(speech, prosody), speech, times, amounts.smile))
    progress(0.75, "moving the head")
    track = pose.animate(
        speech, prosody, style, for_pose, times, tuner=tuner, region=region, amounts=amounts, smoothing=smoothing
    )
    if tuner is not None and tuner.warning is not None:
        notes = (*notes, tuner.warning)
    feeling = safety.without_contradictions(np.clip(expression + track.shapes, 0.0, 1.0))
    shapes = face.combine(articulation, feeling, speech, times, heard)
    progress(1.0, "done")
    return Performance(
        frames=Frames(fps, shapes, track.head, track.gaze, track.breath),
        speech=speech,
        gestures=track.gestures,
        seed=seed,
        style=style.name,
        language=language_of(speech.sentences),
        region=region.name,
        amounts=amounts,
        smoothing=smoothing,
        fine_tuner=name_of(tuner),
        notes=notes,
    )


def check_fps(fps: float) -> None:
    """Raise UserError unless frames can be counted at this rate."""
    if not (math.isfinite(fps) and 1.0 <= fps <= HIGHEST_FPS):
        raise UserError(f"{fps:g} frames a second cannot be made. Choose a rate from 1 to {HIGHEST_FPS:g}, such as 24.")


def check_seed(seed: int) -> None:
    """Raise UserError unless the seed fits a file and a Blender property."""
    if not 0 <= seed < 2**31:
        raise UserError(f"The seed {seed} is out of range. Choose a whole number from 0 to {2**31 - 1}.")


def language_of(sentences: Sequence[Sentence]) -> str:
    """``en``, ``zh``, an espeak-ng code, ``mixed``; empty where no language is known."""
    codes = {sentence.language for sentence in sentences} - {""}
    if len(codes) > 1:
        return "mixed"
    code = codes.pop() if codes else ""
    return _SHORT_NAME.get(code, code)
