"""A whole shot without a screen: open a character, bake onto it, save the .blend, render the film."""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy

from ..errors import UserError, some_of
from ..files import replacing
from ..performance import Performance
from . import ledger, stage
from .avatar import build_avatar
from .bake import BakeOptions, BakeReport
from .bake import bake as bake_onto
from .character import Character, find_character, look_up

Progress = Callable[[float, str], None]

DEMO: Final = "demo"
_FILM: Final[dict[str, dict[str, Any]]] = {
    "image_settings": {"file_format": "FFMPEG", "color_mode": "RGB"},
    "ffmpeg": {
        "format": "MPEG4",
        "codec": "H264",
        "constant_rate_factor": "HIGH",
        "ffmpeg_preset": "GOOD",
        "use_autosplit": False,
        "audio_codec": "AAC",
        "audio_bitrate": 192,
        "audio_mixrate": 48000,
        "audio_channels": "STEREO",
    },
}
"""H.264 and AAC in MP4, by the parts of ``scene.render``."""


_SIZE: Final = ("resolution_x", "resolution_y", "resolution_percentage")


@dataclass(frozen=True, slots=True)
class Target:
    """A character in the scene that it will be filmed in."""

    scene_name: str
    character: Character


def open_character(given: str) -> Target:
    """Open ``demo``, ``FILE.blend`` or ``FILE.blend:OBJECT`` in place of what Blender has open.

    Raises:
        UserError: there is no such file or object, it is no .blend, or it has no character in it.
    """
    if given == DEMO:
        return _open_demo()
    split = re.fullmatch(r"(.*?\.blend\d*)(?::(.*))?", given, re.IGNORECASE | re.DOTALL)
    path = Path(split[1] if split else given)
    if not path.is_file():
        raise UserError(f"There is no file {path}. Give demo, FILE.blend or FILE.blend:OBJECT.")
    try:
        bpy.ops.wm.open_mainfile(filepath=str(path.resolve()), load_ui=False, use_scripts=False)
    except RuntimeError as error:
        raise UserError(f"{path} cannot be opened as a Blender file: {_reason(error)}") from error
    obj = _named(path, split[2]) if split and split[2] else _only_character(path)
    scene = bpy.context.scene
    if scene not in obj.users_scene:
        scene = obj.users_scene[0]
        bpy.context.window_manager.windows[0].scene = scene
    return Target(scene.name, find_character(obj))


def bake_options(
    start_frame: int,
    shape_tolerance: float,
    angle_tolerance: float,
    as_action: bool,
    replace_body: bool,
    markers: bool,
) -> BakeOptions:
    """Options as the command line has them: the angle in degrees."""
    return BakeOptions(
        start_frame=start_frame,
        shape_tolerance=shape_tolerance,
        angle_tolerance=math.radians(angle_tolerance),
        output="action" if as_action else "nla",
        body="replace" if replace_body else "add",
        markers=markers,
    )


def bake(target: Target, performance: Performance, options: BakeOptions) -> BakeReport:
    """Bake a performance onto the opened character."""
    return bake_onto(bpy.data.scenes[target.scene_name], target.character, performance, options)


def save_blend(path: Path) -> None:
    """Save what is open as a copy: whole, or not at all."""
    with replacing(path) as temporary:
        try:
            bpy.ops.wm.save_as_mainfile(filepath=str(temporary.resolve()), copy=True, compress=True)
        except RuntimeError as error:
            raise UserError(f"Cannot write {path}: {_reason(error)}") from error


def render_film(path: Path, progress: Progress) -> None:
    """Render our take in the open scene with its camera, as H.264 with the voice: whole, or not at all.

    The scene's settings are as before afterwards. Where it has a width or height of an odd number of pixels, which
    H.264 cannot hold, the film has one pixel less.

    Raises:
        UserError: the scene has no camera or no take of ours, or the film cannot be written.
    """
    scene = bpy.context.scene
    if scene.camera is None:
        raise UserError(
            f"The scene '{scene.name}' has no camera. Add one and light the character, or leave out the film."
        )
    first, last = _range_of_takes(scene)
    done = 0

    def report(*_: object) -> None:
        nonlocal done
        done += 1
        progress(min(done / (last - first + 1), 1.0), "rendering")

    with replacing(path) as temporary, _settings(scene, first, last, temporary.resolve()):
        bpy.app.handlers.render_post.append(report)
        try:
            bpy.ops.render.render(animation=True, scene=scene.name)
        except RuntimeError as error:
            raise UserError(f"The film {path} could not be rendered: {_reason(error)}") from error
        finally:
            bpy.app.handlers.render_post.remove(report)
        if not temporary.is_file():
            raise UserError(f"Blender rendered no film to {path}; its messages above say why.")


def _open_demo() -> Target:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True, load_ui=False)
    scene = bpy.context.scene
    mesh, _ = build_avatar(scene)
    stage.set_stage(scene, mesh)
    stage.film_settings(scene)
    return Target(scene.name, find_character(mesh))


def _named(path: Path, name: str) -> bpy.types.Object:
    there = sorted(obj.name for obj in bpy.data.objects if obj.type in {"MESH", "ARMATURE"} and obj.users_scene)
    if name not in there:
        raise UserError(f"{path} has no mesh or armature named '{name}'. It has: {some_of(there)}.")
    return bpy.data.objects[name]


def _only_character(path: Path) -> bpy.types.Object:
    """The object that stands for the one character of the file."""
    found: set[str] = set()
    doubtful: set[str] = set()
    linked = None
    for obj in bpy.data.objects:
        if obj.type == "MESH" and obj.data.shape_keys is not None and obj.users_scene:
            try:
                character = find_character(obj)
                # A curtain with a key named Open is nobody, unless there is nobody else.
                is_known = character.found.convention is not None or character.head is not None
                (found if is_known else doubtful).add(character.name)
            except UserError as error:
                linked = error if obj.library is not None or obj.data.library is not None else linked
    found = found or doubtful
    if len(found) > 1:
        raise UserError(f"{path} has several characters: {some_of(sorted(found))}. Choose one: {path}:NAME.")
    if not found:
        raise linked or UserError(
            f"{path} has no mesh whose shape keys are a face's (jawOpen, eyeBlinkLeft, ...), so nobody in it can talk."
        )
    return look_up(found.pop())


def _range_of_takes(scene: bpy.types.Scene) -> tuple[int, int]:
    takes = set(ledger.read(scene))
    ranges = [action.frame_range for action in bpy.data.actions if ledger.is_ours(action, takes)]
    if not ranges:
        raise UserError(f"The scene '{scene.name}' has no take to film. Bake one first.")
    return int(min(first for first, _ in ranges)), int(max(last for _, last in ranges))


@contextmanager
def _settings(scene: bpy.types.Scene, first: int, last: int, path: Path) -> Iterator[None]:
    """The scene's settings for a film; at the end, as they were."""
    render = scene.render
    before: list[tuple[Any, dict[str, Any]]] = [
        (scene, {name: getattr(scene, name) for name in ("frame_start", "frame_end", "frame_step")}),
        (render, {name: getattr(render, name) for name in ("filepath", "use_file_extension", *_SIZE)}),
        # Choosing a format sets much else to what suits it, so all of these are remembered, not only what is set here.
        (render.image_settings, _plain_settings(render.image_settings)),
        (render.ffmpeg, _plain_settings(render.ffmpeg)),
    ]
    scale = render.resolution_percentage / 100
    try:
        scene.frame_start, scene.frame_end, scene.frame_step = max(first, 0), last, 1
        render.filepath = str(path)
        render.use_file_extension = True
        render.resolution_x = max(int(render.resolution_x * scale) // 2 * 2, 4)
        render.resolution_y = max(int(render.resolution_y * scale) // 2 * 2, 4)
        render.resolution_percentage = 100
        if hasattr(render.image_settings, "media_type"):  # since 5.0 a film is its own kind of output
            render.image_settings.media_type = "VIDEO"
        for part, settings in _FILM.items():
            for name, value in settings.items():
                setattr(getattr(render, part), name, value)
        yield
    finally:
        for _ in range(2):  # what one setting allows may depend on another that comes after it
            for owner, settings in before:
                _put_back(owner, settings)
        scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)


def _plain_settings(owner: Any) -> dict[str, Any]:
    return {
        prop.identifier: getattr(owner, prop.identifier)
        for prop in owner.bl_rna.properties
        if not prop.is_readonly
        and prop.type in {"BOOLEAN", "INT", "FLOAT", "STRING", "ENUM"}
        and not getattr(prop, "is_array", False)
        and not getattr(prop, "is_enum_flag", False)
    }


def _put_back(owner: Any, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        if getattr(owner, name) != value:
            try:
                setattr(owner, name, value)
            except TypeError:  # a choice that is not open as things are
                continue


def _reason(error: RuntimeError) -> str:
    return str(error).removeprefix("Error: ").strip().splitlines()[-1]
