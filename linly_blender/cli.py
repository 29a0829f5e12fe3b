"""The command line: ``python -m linly_blender perform | bake | rig | live | bench | style | region | train``."""

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

from . import __version__, takes
from .cli_live import live_command
from .cli_rig import rig_command
from .errors import UserError
from .files import check_can_write, read_text, write_new
from .perform import Progress, perform
from .performance import Performance
from .pose.amounts import AMOUNT_NAMES, parse_amounts
from .pose.choice import DEFAULT as DEFAULT_FINE_TUNER
from .pose.choice import FINE_TUNERS
from .pose.constraints import SMOOTHINGS, Smoothing
from .pose.regions import load_region, region_names, region_text
from .pose.styles import load_style, style_names, style_text
from .score import EMOTIONS
from .silence import silence

_PATH: Final = click.Path(path_type=Path, dir_okay=False)
_STEPS: Final = 1000


class _Group(click.Group):
    """Prints what the user can mend as one line and ends with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UserError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="linly_blender")
def main() -> None:
    """A line of text becomes a performance: voice, lips, brows, gaze and head, for any rigged character."""


_OWN: Final = click.option(
    "--own",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    envvar="LINLY_BLENDER_OWN",
    show_envvar=True,
    help="Folder of your own styles/NAME.json and regions/NAME.json, known by NAME.",
)


def _input_options(command: Callable[..., None]) -> Callable[..., None]:
    """What there is to perform, and how; the command receives a function that performs it."""

    @click.option("--text", help="What to say, with direction tags (docs/direction.md). '-' reads standard input.")
    @click.option("--script", type=_PATH, help="UTF-8 text file, a paragraph a line; an empty line is a longer pause.")
    @click.option("--audio", type=_PATH, help="Recorded dialogue instead of a text: a file of sound or a film.")
    @click.option("--transcript", metavar="TEXT|FILE", help="What is said in it, as text or a UTF-8 file.")
    @click.option(
        "--recogniser",
        default="auto",
        show_default=True,
        help="Without a transcript: auto (English is built in), pocketsphinx, sherpa:FOLDER, server:URL, or none.",
    )
    @click.option("--analysis", type=_PATH, help="Its words and phones, .json or .TextGrid, instead of listening.")
    @click.option("--write-analysis", type=_PATH, help="Its words and phones as .json or .TextGrid, to be edited.")
    @click.option("--language", default="auto", show_default=True, help="auto, en, zh or any espeak-ng code.")
    @click.option("--voice", help="Speaker variant of espeak-ng, such as f2 or m3.")
    @click.option(
        "--style",
        default="neutral",
        show_default=True,
        help=f"Personality of the movement: {', '.join(style_names())}, a .json file of your own, or a blend of two "
        "such as lively+serious:0.3 (docs/styles.md).",
    )
    @click.option(
        "--region",
        default="neutral",
        show_default=True,
        help=f"Which gesture means what: {', '.join(region_names())}, or a .json file of your own.",
    )
    @click.option(
        "--amount",
        "amounts",
        multiple=True,
        metavar="PART=0..2",
        help=f"How much of {', '.join(AMOUNT_NAMES)}: 0 none, 1 natural. May be given for each.",
    )
    @_OWN
    @click.option(
        "--smoothing",
        type=click.Choice(SMOOTHINGS),
        default="none",
        show_default=True,
        help="Filter of the head, beside its limits (docs/filters.md).",
    )
    @click.option(
        "--fine-tuner",
        default=DEFAULT_FINE_TUNER,
        show_default=True,
        help=f"Network that moves the head by what is meant: {', '.join(FINE_TUNERS)}, or a .onnx file of your own.",
    )
    @click.option(
        "--emotion",
        metavar="NAME",
        help=f"Of sentences without a tag; else found in the text. {', '.join(EMOTIONS)}; others count as neutral.",
    )
    @click.option("--seed", default=0, show_default=True, help="Another seed is another take of the same line.")
    @click.option("--fps", default=60.0, show_default=True, help="Frames a second of the take.")
    @functools.wraps(command)
    def wrapped(
        text: str | None,
        script: Path | None,
        audio: Path | None,
        transcript: str | None,
        recogniser: str,
        analysis: Path | None,
        write_analysis: Path | None,
        language: str,
        voice: str | None,
        style: str,
        region: str,
        amounts: tuple[str, ...],
        own: Path | None,
        smoothing: Smoothing,
        fine_tuner: str,
        emotion: str | None,
        seed: int,
        fps: float,
        **others: Any,
    ) -> None:
        chosen_amounts = parse_amounts(amounts)

        has_text = text is not None or script is not None
        if audio is None:
            _refuse_options(_OF_AUDIO, "--audio")
        elif has_text:
            raise click.UsageError("Give either a text or --audio, not both. What is said in it is its --transcript.")
        else:
            _refuse_options(("voice", "emotion"), "a text; in a transcript write a tag such as [happy]")
        if analysis is not None and transcript is not None:
            raise click.UsageError("Give either --transcript or --analysis, not both.")
        if write_analysis is not None:
            check_can_write(write_analysis)

        def performed(progress: Progress) -> Performance:
            if audio is not None:
                from .dialogue.from_file import Source, perform_file

                return perform_file(
                    Source(audio, transcript, language, recogniser, analysis, write_analysis),
                    style=style,
                    region=region,
                    amounts=chosen_amounts,
                    own=own,
                    smoothing=smoothing,
                    fine_tuner=fine_tuner,
                    seed=seed,
                    fps=fps,
                    progress=progress,
                )
            return perform(
                _read_input(text, script),
                language=language,
                voice=voice,
                style=style,
                region=region,
                amounts=chosen_amounts,
                own=own,
                smoothing=smoothing,
                fine_tuner=fine_tuner,
                emotion=emotion,
                seed=seed,
                fps=fps,
                progress=progress,
            )

        command(has_input=has_text or audio is not None, performed=performed, **others)

    return wrapped


@main.command("perform")
@_input_options
@click.option("--out", type=_PATH, required=True, help="The take: TAKE.json, with its frames and sound beside it.")
@click.option("--csv", type=_PATH, help="Every curve as a table, a row a frame.")
@click.option("--livelink", type=_PATH, help="The Live Link Face app's CSV.")
@click.option("--wav", type=_PATH, help="The voice.")
@click.option("--plot", type=_PATH, help="One picture of the whole take (PNG).")
def perform_command(
    has_input: bool,
    performed: Callable[[Progress], Performance],
    out: Path,
    csv: Path | None,
    livelink: Path | None,
    wav: Path | None,
    plot: Path | None,
) -> None:
    """Perform a text or a recording and write the take."""
    from .exports import livelink as livelink_export
    from .exports import plot as plot_export
    from .exports import table
    from .exports import wav as wav_export

    _require_input(has_input)
    check_can_write(out, ".json")
    if wav is not None and wav.resolve() == out.with_suffix(".wav").resolve():
        wav = None  # the take's own sound
    writers: list[tuple[Path, Callable[[Performance, Path], None]]] = [(out, takes.write)]
    taken = {out.with_suffix(suffix).resolve() for suffix in (out.suffix, ".npz", ".wav")}
    for path, writer in (
        (csv, table.write_csv),
        (livelink, livelink_export.write_livelink),
        (wav, lambda performance, path: wav_export.write_wav(performance.speech, path)),
        (plot, plot_export.plot),
    ):
        if path is None:
            continue
        if path.resolve() in taken:
            raise UserError(f"Cannot write {path} twice: give each file a name of its own.")
        taken.add(path.resolve())
        writers.append((path, writer))
    for path, _ in writers:
        check_can_write(path)
    if plot is not None:
        plot_export.check_can_plot(plot)
    with _progress_bar("Performing") as progress:
        performance = performed(progress)
    for path, writer in reversed(writers):  # the take last: it is there only when all else is
        writer(performance, path)
    _report_notes(performance)
    click.echo(f"{out}: {_summary(performance)}")


@main.command("bake")
@_input_options
@click.option("--take", type=_PATH, help="A take written by perform, instead of a text.")
@click.option("--character", required=True, help="demo, or FILE.blend, or FILE.blend:OBJECT.")
@click.option("--out", type=_PATH, required=True, help="The shot: SHOT.blend, complete with its sound.")
@click.option("--render", type=_PATH, help="The film: SHOT.mp4 with sound.")
@click.option("--start-frame", default=1, show_default=True, help="Scene frame of the take's first frame.")
@click.option("--shape-tolerance", default=0.002, show_default=True, help="Error allowed by key reduction, in shapes.")
@click.option("--angle-tolerance", default=0.1, show_default=True, help="Error allowed by key reduction, in degrees.")
@click.option("--as-action", is_flag=True, help="Make the keys the active action instead of an NLA strip.")
@click.option("--replace-body", is_flag=True, help="Let the take replace the body's animation of the same bones.")
@click.option("--markers", is_flag=True, help="Mark words, sentences and gestures on the timeline.")
def bake_command(
    has_input: bool,
    performed: Callable[[Progress], Performance],
    take: Path | None,
    character: str,
    out: Path,
    render: Path | None,
    start_frame: int,
    shape_tolerance: float,
    angle_tolerance: float,
    as_action: bool,
    replace_body: bool,
    markers: bool,
) -> None:
    """Bake a take onto a character as editable keyframes, and render the film when asked."""
    if take is None:
        _require_input(has_input)
    elif has_input:
        raise click.UsageError("Give either --take or a text, not both.")
    else:
        _refuse_options(_OF_INPUT, "a text; a take is what it is: perform the text again to change it")
    check_can_write(out, ".blend")
    if render is not None:
        check_can_write(render, ".mp4")
    try:
        from .scene import shot
    except ModuleNotFoundError as error:
        raise UserError(
            f"Baking needs Blender as a Python module ({error}). Run: pip install bpy, or use the add-on in Blender."
        ) from error

    options = shot.bake_options(start_frame, shape_tolerance, angle_tolerance, as_action, replace_body, markers)
    with silence(errors=False):
        target = shot.open_character(character)
    if take is not None:
        performance = takes.read(take)
    else:
        with _progress_bar("Performing") as progress:
            performance = performed(progress)
    _report_notes(performance)
    report = shot.bake(target, performance, options)
    if render is not None:
        with _progress_bar("Rendering") as progress, silence(errors=False):
            shot.render_film(render, progress)
    with silence(errors=False):
        shot.save_blend(out)
    click.echo(f"{out}: {report.summary()}")
    if render is not None:
        click.echo(f"{render}: {_summary(performance)}")


@main.command("style")
@click.argument("name")
@_OWN
@click.option("--out", type=_PATH, help="The copy, a new file; without it the copy is printed.")
def style_command(name: str, own: Path | None, out: Path | None) -> None:
    """Copy a style for editing: one that comes with the program, a file, or a blend such as lively+serious:0.3."""
    _write_copy(style_text(load_style(name, own)), out)


@main.command("region")
@click.argument("name")
@_OWN
@click.option("--out", type=_PATH, help="The copy, a new file; without it the copy is printed.")
def region_command(name: str, own: Path | None, out: Path | None) -> None:
    """Copy a region for editing: one that comes with the program, or a file."""
    _write_copy(region_text(load_region(name, own)), out)


def _write_copy(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    check_can_write(out, ".json")
    write_new(out, text)
    click.echo(str(out))


@main.command("bench")
@click.option("--json", "json_path", type=_PATH, help="Write the figures as JSON too.")
def bench_command(json_path: Path | None) -> None:
    """Measure speed, lips and movement, and print every figure beside its band."""
    from .bench import run

    if json_path is not None:
        check_can_write(json_path)
    run(json_path, click.echo)


main.add_command(live_command)
main.add_command(rig_command)


@main.group("train")
def train_group() -> None:
    """Train the models anew, on data of your own too (docs/training.md)."""


_FOLDER: Final = click.Path(path_type=Path, file_okay=False)
_DATA: Final = click.Path(path_type=Path, file_okay=False, exists=True)


@train_group.command("pose")
@click.option("--out", type=_FOLDER, required=True, help="Folder for the models and their card, such as models/.")
@click.option("--config", type=_PATH, help="Settings (JSON) instead of linly_blender/training/pose/config.json.")
@click.option(
    "--data", type=_DATA, help="Folder of helsinki_prosody and facegood_mouth: text to read, and real voices."
)
@click.option("--recordings", type=_DATA, help="Folder of people: Live Link Face CSV files, a WAV beside each.")
@click.option("--encoder", type=_PATH, help="Acoustic encoder (ONNX) to hear with instead of the built-in features.")
@click.option("--cache", type=_FOLDER, default=".cache/training", show_default=True, help="Where work is kept.")
def train_pose_command(
    out: Path,
    config: Path | None,
    data: Path | None,
    recordings: Path | None,
    encoder: Path | None,
    cache: Path,
) -> None:
    """Train the base pose and both pose fine-tuners."""
    from .training.needs import check_can_train

    check_can_train()
    from .training.pose.config import DEFAULT
    from .training.pose.run import train_pose

    train_pose(out, config or DEFAULT, data, recordings, encoder, cache, click.echo)


@train_group.command("pose-card")
@click.option("--out", type=_FOLDER, required=True, help="Folder of the models and their card.")
@click.option("--config", type=_PATH, help="As it was for training.")
@click.option("--data", type=_DATA, help="As it was for training.")
@click.option("--cache", type=_FOLDER, default=".cache/training", show_default=True, help="Where training kept work.")
def measure_pose_command(out: Path, config: Path | None, data: Path | None, cache: Path) -> None:
    """Measure the pose models again, with the rules as they are now, and write their card anew."""
    from .training.needs import check_can_train

    check_can_train()
    from .training.pose.config import DEFAULT
    from .training.pose.run import measure_pose

    measure_pose(out, config or DEFAULT, data, cache)


@train_group.command("tagger")
@click.option("--out", type=_FOLDER, required=True, help="Folder for the model and its card, such as models/.")
@click.option("--config", type=_PATH, help="Settings (JSON) instead of linly_blender/training/tagger/config.json.")
@click.option("--data", type=_DATA, required=True, help="Folder of helsinki_prosody and goemotions_ekman.")
def train_tagger_command(out: Path, config: Path | None, data: Path) -> None:
    """Train the model that finds emotion and emphasis in a text."""
    import logging

    from .training.needs import check_can_train

    check_can_train()
    from .training.tagger.train import DEFAULT, train

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    train(data, out, config or DEFAULT)


@train_group.command("mouth")
@click.option("--out", type=_FOLDER, required=True, help="Folder for the model and its card, such as models/.")
@click.option("--config", type=_PATH, help="Settings (JSON) instead of linly_blender/training/mouth/config.json.")
@click.option("--data", type=_DATA, required=True, help="Folder of facegood_mouth.")
@click.option("--cache", type=_FOLDER, default=".cache/training", show_default=True, help="Where work is kept.")
def train_mouth_command(out: Path, config: Path | None, data: Path, cache: Path) -> None:
    """Train the learned mouth, which moves with a voice whose words are not known."""
    from .training.needs import check_can_train

    check_can_train()
    from .training.mouth.fit import DEFAULT
    from .training.mouth.run import train_mouth

    train_mouth(out, data, config or DEFAULT, cache, click.echo)


_OF_AUDIO: Final = ("transcript", "recogniser", "analysis", "write_analysis")
_OF_INPUT: Final = (
    *("language", "voice", "style", "region", "amounts", "own"),
    *("smoothing", "fine_tuner", "emotion", "seed", "fps"),
)


def _refuse_options(names: Iterable[str], wanted: str) -> None:
    """Raise UsageError when the command was given an option that would change nothing."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = name.removesuffix("s") if name == "amounts" else name
            raise click.UsageError(f"--{option.replace('_', '-')} goes with {wanted}.")


def _require_input(has_input: bool) -> None:
    if not has_input:
        raise click.UsageError("Give what to perform with --text TEXT, --script FILE or --audio FILE.")


def _read_input(text: str | None, script: Path | None) -> str:
    if text is not None and script is not None:
        raise click.UsageError("Give either --text or --script, not both.")
    if script is not None:
        return read_text(script, "script")
    assert text is not None
    if text != "-":
        return text
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError("Standard input is not UTF-8 text. Send it with encoding UTF-8, or use --script.") from error


@contextmanager
def _progress_bar(label: str) -> Iterator[Progress]:
    with click.progressbar(length=_STEPS, label=label, file=sys.stderr, item_show_func=lambda stage: stage) as bar:

        def progress(share: float, stage: str) -> None:
            bar.update(round(share * _STEPS) - bar.pos, stage)

        yield progress


def _report_notes(performance: Performance) -> None:
    for note in performance.notes:
        click.echo(f"note: {note}", err=True)


def _summary(performance: Performance) -> str:
    speech = performance.speech
    return (
        f"{speech.duration:.1f} s, {_count(speech.sentences, 'sentence')}, {_count(speech.words, 'word')}, "
        f"{_count(performance.gestures, 'gesture')}, language {performance.language}, style {performance.style}, "
        f"fine-tuner {performance.fine_tuner}, seed {performance.seed}"
    )


def _count(things: Sized, name: str) -> str:
    return f"{len(things)} {name}" + ("" if len(things) == 1 else "s")
