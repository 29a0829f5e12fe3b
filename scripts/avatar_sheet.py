"""Render the demo avatar for the docs: a hero picture, a contact sheet of its 52 shapes, and some of its kin.

python scripts/avatar_sheet.py [--out docs/images] [--size 224]
"""

import argparse
import sys
import tempfile
from math import ceil, cos, radians, sin
from pathlib import Path

import bpy
from mathutils import Vector
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from linly_blender import arkit
from linly_blender.avatar import AvatarShape
from linly_blender.scene.avatar import build_avatar
from linly_blender.scene.stage import film_settings, set_stage

COMBINATIONS: dict[str, dict[str, float]] = {
    "ah": {"jawOpen": 0.6, "mouthLowerDownLeft": 0.2, "mouthLowerDownRight": 0.2},
    "ee": {
        "jawOpen": 0.12, "mouthStretchLeft": 0.4, "mouthStretchRight": 0.4, "mouthSmileLeft": 0.35,
        "mouthSmileRight": 0.35, "mouthUpperUpLeft": 0.25, "mouthUpperUpRight": 0.25,
        "mouthLowerDownLeft": 0.45, "mouthLowerDownRight": 0.45,
    },
    "oo": {"mouthPucker": 0.6, "mouthFunnel": 0.5, "jawOpen": 0.1},
    "p b m": {"jawOpen": 0.25, "mouthClose": 0.25, "mouthPressLeft": 0.4, "mouthPressRight": 0.4},
    "f v": {"jawOpen": 0.12, "mouthRollLower": 0.55, "mouthUpperUpLeft": 0.35, "mouthUpperUpRight": 0.35},
    "smile": {
        "mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "cheekSquintLeft": 0.6, "cheekSquintRight": 0.6,
        "eyeSquintLeft": 0.2, "eyeSquintRight": 0.2,
    },
    "laugh": {
        "jawOpen": 0.35, "mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.8,
        "cheekSquintRight": 0.8, "eyeSquintLeft": 0.5, "eyeSquintRight": 0.5, "mouthUpperUpLeft": 0.3,
        "mouthUpperUpRight": 0.3, "browInnerUp": 0.3,
    },
    "blink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    "surprise": {
        "browInnerUp": 1.0, "browOuterUpLeft": 0.9, "browOuterUpRight": 0.9, "eyeWideLeft": 0.9,
        "eyeWideRight": 0.9, "jawOpen": 0.4, "mouthFunnel": 0.3,
    },
    "anger": {
        "browDownLeft": 1.0, "browDownRight": 1.0, "noseSneerLeft": 0.6, "noseSneerRight": 0.6,
        "mouthFrownLeft": 0.5, "mouthFrownRight": 0.5, "eyeSquintLeft": 0.3, "eyeSquintRight": 0.3,
        "mouthPressLeft": 0.5, "mouthPressRight": 0.5,
    },
    "sadness": {"browInnerUp": 0.9, "mouthFrownLeft": 0.8, "mouthFrownRight": 0.8, "mouthShrugLower": 0.5},
}  # fmt: skip
CHARACTERS: tuple[AvatarShape, ...] = (
    AvatarShape(
        skin=(0.20, 0.085, 0.045), hair=(0.008, 0.006, 0.005), iris=(0.05, 0.022, 0.01), garment=(0.35, 0.12, 0.03),
        upper_lip=0.9, lower_lip=0.7, nose_width=0.8, cheeks=0.4,
    ),
    AvatarShape(
        skin=(0.78, 0.46, 0.33), hair=(0.42, 0.20, 0.06), iris=(0.05, 0.12, 0.25), garment=(0.25, 0.05, 0.08),
        face_width=-0.6, eye_size=0.4, nose_length=-0.6, nose_tip=0.8,
    ),
    AvatarShape(
        skin=(0.70, 0.40, 0.25), hair=(0.006, 0.005, 0.006), iris=(0.03, 0.015, 0.008), garment=(0.30, 0.30, 0.28),
        eye_tilt=0.7, brow_weight=-0.4, mouth_width=0.4, face_width=0.5, hair_volume=0.8,
    ),
    AvatarShape(
        skin=(0.62, 0.33, 0.21), hair=(0.16, 0.155, 0.15), iris=(0.07, 0.11, 0.14), garment=(0.03, 0.035, 0.05),
        jaw_width=1.0, chin=0.8, nose_length=0.9, brow_weight=0.9, brow_ridge=0.9, neck_width=1.0, eye_size=-0.8,
        eye_opening=-0.4, face_length=0.7, ear_size=0.8,
    ),
)  # fmt: skip
"""What the settings can make of it."""
LABEL = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--size", type=int, default=224, help="pixels of one picture of the sheet")
    parser.add_argument("--only", nargs="*", help="names of shapes or combinations")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    def cast(shape: AvatarShape) -> None:
        nonlocal scene, camera, keys
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        mesh, _ = build_avatar(scene, shape)
        camera = set_stage(scene, mesh)
        film_settings(scene)
        keys = mesh.data.shape_keys.key_blocks

    scene = camera = keys = None
    cast(AvatarShape())

    def picture(pose: dict[str, float], size: int, samples: int) -> Image.Image:
        for key in keys:
            key.value = pose.get(key.name, 0.0)
        scene.render.resolution_x = scene.render.resolution_y = size
        scene.cycles.samples = samples
        with tempfile.TemporaryDirectory() as folder:
            scene.render.filepath = str(Path(folder) / "picture.png")
            bpy.ops.render.render(write_still=True)
            return Image.open(scene.render.filepath).convert("RGB")

    def frame(azimuth: float, distance: float, height: float) -> None:
        aim = Vector((0.0, -0.03, height))
        a = radians(azimuth)
        camera.location = aim + Vector((distance * sin(a), -distance * cos(a), 0.012))
        camera.rotation_euler = (aim - camera.location).to_track_quat("-Z", "Y").to_euler()

    friendly = {"mouthSmileLeft": 0.35, "mouthSmileRight": 0.3, "cheekSquintLeft": 0.2, "cheekSquintRight": 0.2}
    if not options.only:
        views = []
        for azimuth in (32, 0):
            frame(azimuth, 0.86, 0.370)
            views.append(picture(friendly, 640, 24))
        _sheet([("", view) for view in views], 2).save(options.out / "avatar.png", optimize=True)

    cells = []
    poses = {"rest": {}} | {name: {name: 1.0} for name in arkit.SHAPES} | COMBINATIONS
    for name, pose in poses.items():
        if options.only and name not in options.only:
            continue
        frame(18 if name in ("jawForward", "tongueOut", "mouthPucker", "mouthFunnel") else 0, 0.52, 0.358)
        cells.append((name, picture(pose, options.size, 4)))
    sheet = _sheet(cells, 8)
    sheet.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(options.out / "avatar_shapes.png", optimize=True)

    if not options.only:
        views = []
        for shape in CHARACTERS:
            cast(shape)
            frame(14, 0.86, 0.370)
            views.append(picture(friendly, 400, 16))
        _sheet([("", view) for view in views], 4).save(options.out / "avatar_variants.png", optimize=True)


def _sheet(cells: list[tuple[str, Image.Image]], columns: int) -> Image.Image:
    size = cells[0][1].width
    label = LABEL if any(name for name, _ in cells) else 0
    columns = min(columns, len(cells))
    sheet = Image.new("RGB", (columns * size, ceil(len(cells) / columns) * (size + label)), (28, 34, 38))
    draw = ImageDraw.Draw(sheet)
    for index, (name, image) in enumerate(cells):
        x, y = index % columns * size, index // columns * (size + label)
        sheet.paste(image, (x, y + label))
        draw.text((x + 6, y + 2), name, fill=(235, 240, 242))
    return sheet


if __name__ == "__main__":
    main()
