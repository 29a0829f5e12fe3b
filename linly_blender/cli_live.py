"""``python -m linly_blender live``: the conversation in a terminal."""

import io
import math
import os
import queue
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import click

from .errors import UserError
from .live.frame import Newest
from .live.log import EventLog
from .live.services import Event
from .live.settings import KEY_VARIABLES, Guard, Settings
from .perform import check_seed, open_fine_tuner
from .pose.choice import FINE_TUNERS
from .terminal import Keyboard, Line, in_terminal

_STATES: Final = {
    "listening": "(listening)",
    "thinking": "(thinking)",
    "speaking": "(speaking)",
}
_STAGES: Final = {
    "reaction": "reaction",
    "end": "end of speech",
    "recognition": "recognition",
    "reply": "reply",
    "voice": "voice",
    "motion": "motion",
}
_STANDARD_ERROR: Final = 2
_DEFAULT: Final = Settings()
_Happenings = queue.SimpleQueue[Event | str]
"""What the conversation reports, and what is typed."""


@click.command("live")
@click.option(
    "--responder",
    default=_DEFAULT.responder,
    show_default=True,
    help="Who answers: echo, faq:FILE (docs/reply.md) or llm:URL of an OpenAI-compatible server.",
)
@click.option("--model", default="", help="Of the language model's server.")
@click.option("--persona", default="", help="Who the character is, for a language model.")
@click.option("--language", default=_DEFAULT.language, show_default=True, help="en, zh or any espeak-ng code.")
@click.option(
    "--recogniser",
    default=_DEFAULT.recogniser,
    show_default=True,
    help="pocketsphinx (English), sherpa:FOLDER, server:URL, or none.",
)
@click.option(
    "--voice",
    default=_DEFAULT.voice,
    show_default=True,
    help="espeak, espeak:VARIANT, piper:FILE, sherpa:FOLDER or server:URL.",
)
@click.option("--style", default=_DEFAULT.style, show_default=True, help="Personality of the movement.")
@click.option(
    "--fine-tuner",
    default=_DEFAULT.fine_tuner,
    show_default=True,
    help=f"Network that moves the head by what is meant: {', '.join(FINE_TUNERS)}, or a .onnx file of your own.",
)
@click.option("--input", "input_device", metavar="DEVICE", help="Microphone: part of its name, or its number.")
@click.option("--output", "output_device", metavar="DEVICE", help="Speaker: part of its name, or its number.")
@click.option(
    "--guard",
    type=click.Choice(["half_duplex", "headphones"]),
    default=_DEFAULT.guard,
    show_default=True,
    help="Deaf while the character speaks, or, with headphones on, to be interrupted.",
)
@click.option(
    "--push-to-talk", is_flag=True, help="Listen only between two presses of the space bar; needs a terminal."
)
@click.option("--write", is_flag=True, help="Only write: no microphone. A line of standard input is a turn.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="End after so long; else with Ctrl-C.")
@click.option("--seed", default=0, show_default=True, help="Of everything random in the movement.")
@click.option(
    "--log", type=click.Path(path_type=Path, dir_okay=False), metavar="EVENTS.jsonl", help="A line for each event."
)
@click.option("--log-text", is_flag=True, help="Write what was said into the log, too.")
def live_command(
    responder: str,
    model: str,
    persona: str,
    language: str,
    recogniser: str,
    voice: str,
    style: str,
    fine_tuner: str,
    input_device: str | None,
    output_device: str | None,
    guard: Guard,
    push_to_talk: bool,
    write: bool,
    seconds: float | None,
    seed: int,
    log: Path | None,
    log_text: bool,
) -> None:
    """Talk to the character: it listens, answers and speaks (docs/live.md). In a terminal you can write to it, too.

    Keys of servers are read from the environment: LINLY_LLM_KEY, LINLY_TTS_KEY, LINLY_ASR_KEY.
    """
    if log_text and log is None:
        raise click.UsageError("--log-text goes with --log.")
    if push_to_talk and (write or recogniser == "none"):
        raise click.UsageError("--push-to-talk is for speaking: leave it out to write only.")
    if push_to_talk and not in_terminal():
        raise UserError(
            "Push-to-talk takes the space bar of a terminal, and this is none. Start it in a terminal, or leave "
            "--push-to-talk out: then it is heard when you speak."
        )
    check_seed(seed)
    settings = Settings(
        language=language,
        responder=responder,
        model=model,
        persona=persona,
        recogniser="none" if write else recogniser,
        voice=voice,
        style=style,
        fine_tuner=fine_tuner,
        seed=seed,
        input_device=input_device,
        output_device=output_device,
        guard=guard,
        push_to_talk=push_to_talk,
    )
    _warn_of_fine_tuner(fine_tuner)
    keys = {name: os.environ[variable] for name, variable in KEY_VARIABLES.items() if os.environ.get(variable)}
    from .live.opening import open_conversation  # loads everything that listens, thinks and speaks

    happenings: _Happenings = queue.SimpleQueue()
    with ExitStack() as stack:
        stack.enter_context(_libraries_silent())
        writer = None if log is None else stack.enter_context(EventLog(log, log_text, _complain))

        def report(event: Event) -> None:
            if writer is not None:
                writer(event)
            happenings.put(event)

        conversation = open_conversation(settings, keys, True, (), Newest(), report)
        until = math.inf if seconds is None else time.monotonic() + seconds
        try:
            conversation.start()
            if in_terminal():
                line = Line(conversation.say, conversation.push_to_talk if push_to_talk else None)
                line.echo(_how(settings))
                with Keyboard(happenings.put):
                    _hold(happenings, until, line)
            elif write:
                if isinstance(sys.stdin, io.TextIOWrapper):
                    sys.stdin.reconfigure(errors="replace")
                for text in filter(str.strip, sys.stdin):
                    conversation.say(text)
                    _show_until_answered(happenings, until)
            else:
                _hold(happenings, until, None)
        except KeyboardInterrupt:
            click.echo("")
        finally:
            conversation.close()
            while not happenings.empty():
                if isinstance(event := happenings.get(), Event):
                    _show(event, click.echo)


@contextmanager
def _libraries_silent() -> Iterator[None]:
    """Keep what sound libraries write past Python to the standard error from burying the conversation."""
    try:
        ours = sys.stderr.fileno() == _STANDARD_ERROR
    except (AttributeError, OSError, ValueError):  # it was exchanged for something that is no file, or closed
        ours = False
    if not ours:
        yield
        return
    sys.stderr.flush()
    shown = sys.stderr
    with (
        Path(os.devnull).open("wb") as nowhere,
        os.fdopen(os.dup(_STANDARD_ERROR), "w", encoding=shown.encoding) as kept,
    ):
        os.dup2(nowhere.fileno(), _STANDARD_ERROR)
        sys.stderr = kept
        try:
            yield
        finally:
            sys.stderr = shown
            os.dup2(kept.fileno(), _STANDARD_ERROR)


def _warn_of_fine_tuner(choice: str) -> None:
    """Say why the head will move with less than was chosen, if so. Raises UserError for what names nothing."""
    tuner, notes = open_fine_tuner(choice)
    for note in (*notes, *((tuner.warning,) if tuner is not None and tuner.warning else ())):
        click.echo(f"note: {note}", err=True)


def _how(settings: Settings) -> str:
    """How to talk to the character in a terminal."""
    if settings.recogniser == "none":
        return "Write and press Enter. Ctrl-C ends the conversation."
    if settings.push_to_talk:
        return (
            "Press space to speak, and again when you have said it; or write and press Enter. Ctrl-C ends the "
            "conversation."
        )
    return "Speak, or write and press Enter. Ctrl-C ends the conversation."


def _hold(happenings: _Happenings, until: float, line: Line | None) -> None:
    """Show what happens and take what is typed, until that time or the end of the typing."""
    while time.monotonic() < until:
        happening = _next(happenings)
        if isinstance(happening, Event):
            _show(happening, click.echo if line is None else line.echo)
        elif happening is not None and line is not None and not line.type(happening, time.monotonic()):
            return


def _show_until_answered(happenings: _Happenings, until: float) -> None:
    """Show what happens until the character listens again."""
    asked = False
    while time.monotonic() < until:
        event = _next(happenings)
        if isinstance(event, Event):
            _show(event, click.echo)
            asked = asked or event.kind == "heard"
            if asked and event.kind == "listening":
                return


def _next(happenings: _Happenings) -> Event | str | None:
    try:
        return happenings.get(timeout=0.1)
    except queue.Empty:
        return None


def _show(event: Event, echo: Callable[[str], None]) -> None:
    match event.kind:
        case "state" if event.text in _STATES:
            echo(_STATES[event.text])
        case "heard":
            echo(f"you: {event.text}")
        case "reply_text":
            echo(f"character: {event.text}")
        case "interrupted":
            echo(f"(interrupted before: {event.text})" if event.text else "(interrupted)")
        case "latency":
            spoken = "recognition" in event.values
            stages = ", ".join(
                f"{name} {1000 * event.values[stage]:.0f}"
                for stage, name in _STAGES.items()
                if stage in event.values and (spoken or stage != "end")
            )
            began = "last sound" if spoken else "line"
            echo(f"({1000 * event.values['total']:.0f} ms from the {began} to the first sound: {stages})")
        case "error":
            echo(f"error: {event.text}")
            if event.fault == "refused":
                echo(f"(keys of servers are read from the environment: {', '.join(KEY_VARIABLES.values())})")


def _complain(message: str) -> None:
    click.echo(f"error: {message}", err=True)
