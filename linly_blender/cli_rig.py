"""``python -m linly_blender rig FILE``: who is in a file, and what of them shows a performance."""

import json
from pathlib import Path
from typing import Any, Final

import click

from .errors import UserError
from .files import check_can_write, replacing
from .rig import report
from .rig.vrm import explain
from .silence import silence

_STANDARD_OUTPUT: Final = Path("-")


@click.command("rig")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--json",
    "json_path",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write the answer as JSON, too (docs/rigs.md); '-' prints it in place of the table.",
)
def rig_command(file: Path, json_path: Path | None) -> None:
    """Say what of a character was recognised: each channel and bone, how surely, and why.

    FILE is a .blend, .glb, .gltf, .vrm or .fbx; it is only read, and scripts in it do not run. Ends with 0 when
    somebody in it can speak, otherwise with 1.
    """
    if json_path not in (None, _STANDARD_OUTPUT):
        assert json_path is not None
        if json_path.resolve() == file.resolve():
            raise UserError(f"Cannot write {json_path}: it is the file to look at. Choose another name.")
        check_can_write(json_path)
    answer = _look(file)
    if json_path == _STANDARD_OUTPUT:
        click.echo(json.dumps(answer, indent=1))
    else:
        for line in report.table(answer):
            click.echo(line)
        if json_path is not None:
            with replacing(json_path) as temporary:
                text = json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
                temporary.write_text(text, encoding="utf-8", errors="replace")
    if not answer["characters"]:
        raise UserError(
            f"{file} has nobody who can talk: no mesh with the shape keys of a face (jawOpen, eyeBlinkLeft, ...), and "
            "no armature with a jaw."
        )
    if not answer["can_speak"]:
        click.get_current_context().exit(1)


def _look(file: Path) -> dict[str, Any]:
    """Open the file in Blender and describe who is in it."""
    with silence(errors=True):
        try:
            from .scene.cast import find_cast
            from .scene.open_file import open_file
        except ModuleNotFoundError as error:
            if error.name != "bpy":
                raise
            raise UserError(
                f"Looking at a character needs Blender as a Python module ({error}). Run: pip install bpy, or choose "
                "the character in the add-on in Blender, which says what it found."
            ) from error
        opened = open_file(file)
        cast = find_cast()
    driven = {drive.key for one in cast.characters for drive in one.found.mapping.drives}
    told = explain(opened.expressions, driven)
    return report.of_file(
        str(file),
        [report.of_character(one.name, one.armature, one.found, one.bones, one.notes) for one in cast.characters],
        [*opened.notes, *([told] if told is not None else []), *cast.notes],
    )
