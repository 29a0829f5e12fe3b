"""``python -m linly_blender live``: the conversation in a terminal."""

import os
import queue
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click

from .live.frame import Newest
from .live.log import EventLog
from .live.services import Event
from .live.settings import KEY_VARIABLES, Guard, Settings
from .perform import open_fine_tuner
from .pose.choice import FINE_TUNERS

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
_DEFAULT: Final = Settings()


@click.command("live")
@click.option(
    "--responder",
    default=_DEFAULT.responder,
    show_default=True,
    help="Who answers: echo, faq:FILE (docs/live.md) or llm:URL of an OpenAI-compatible server.",
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
@click.option("--write", is_flag=True, help="Write instead of speaking: a line of standard input is a turn.")
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
    write: bool,
    seconds: float | None,
    seed: int,
    log: Path | None,
    log_text: bool,
) -> None:
    """Talk to the character: it listens, answers and speaks (docs/live.md).

    Keys of servers are read from the environment: LINLY_LLM_KEY, LINLY_TTS_KEY, LINLY_ASR_KEY.
    """
    if log_text and log is None:
        raise click.UsageError("--log-text goes with --log.")
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
    )
    _warn_of_fine_tuner(fine_tuner)
    keys = {name: os.environ[variable] for name, variable in KEY_VARIABLES.items() if os.environ.get(variable)}
    from .live.opening import open_conversation  # loads everything that listens, thinks and speaks

    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    with ExitStack() as stack:
        writer = None if log is None else stack.enter_context(EventLog(log, log_text, _complain))

        def report(event: Event) -> None:
            if writer is not None:
                writer(event)
            events.put(event)

        conversation = open_conversation(settings, keys, True, (), Newest(), report)
        until = None if seconds is None else time.monotonic() + seconds
        try:
            conversation.start()
            if write:
                for line in filter(str.strip, sys.stdin):
                    conversation.say(line)
                    _show_until_answered(events, until)
            else:
                _show_until(events, until)
        except KeyboardInterrupt:
            click.echo("")
        finally:
            conversation.close()
            while not events.empty():
                _show(events.get())


def _warn_of_fine_tuner(choice: str) -> None:
    """Say why the head will move with less than was chosen, if so. Raises UserError for what names nothing."""
    tuner, notes = open_fine_tuner(choice)
    for note in (*notes, *((tuner.warning,) if tuner is not None and tuner.warning else ())):
        click.echo(f"note: {note}", err=True)


def _show_until(events: "queue.SimpleQueue[Event]", until: float | None) -> None:
    """Show what happens until that time, or for ever."""
    while until is None or time.monotonic() < until:
        _show_next(events)


def _show_until_answered(events: "queue.SimpleQueue[Event]", until: float | None) -> None:
    """Show what happens until the character listens again."""
    asked = False
    while until is None or time.monotonic() < until:
        event = _show_next(events)
        if event is not None and event.kind == "heard":
            asked = True
        if event is not None and asked and event.kind == "listening":
            return


def _show_next(events: "queue.SimpleQueue[Event]") -> Event | None:
    try:
        event = events.get(timeout=0.1)
    except queue.Empty:
        return None
    _show(event)
    return event


def _show(event: Event) -> None:
    match event.kind:
        case "state" if event.text in _STATES:
            click.echo(_STATES[event.text])
        case "heard":
            click.echo(f"you: {event.text}")
        case "reply_text":
            click.echo(f"character: {event.text}")
        case "interrupted":
            click.echo(f"(interrupted before: {event.text})" if event.text else "(interrupted)")
        case "latency":
            stages = ", ".join(
                f"{name} {1000 * event.values[stage]:.0f}" for stage, name in _STAGES.items() if stage in event.values
            )
            click.echo(f"({1000 * event.values['total']:.0f} ms from the last sound to the first: {stages})")
        case "error":
            _complain(event.text)


def _complain(message: str) -> None:
    click.echo(f"error: {message}", err=True)
