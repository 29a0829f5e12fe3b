"""Render the characters of ``tests/blender/zoo.py`` and Rigify's, all saying the same vowel, for the docs.

python scripts/zoo_sheet.py [--out docs/images/zoo.jpg] [--size 240] [--only NAME ...]
"""

import argparse
import os
import sys
import tempfile
from math import ceil
from pathlib import Path
from textwrap import wrap

import bpy
import numpy as np
from mathutils import Vector
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from linly_blender.avatar import AvatarShape
from linly_blender.perform import perform
from linly_blender.performance import Performance
from linly_blender.scene.bake import BakeOptions, bake
from linly_blender.scene.character import find_character
from linly_blender.scene.stage import film_settings, set_stage
from tests.blender.rigified import FACES, make_rigified
from tests.blender.zoo import ZOO, Animal, make_ict, make_one, through_gltf

ICT_HEAD = Path(__file__).resolve().parents[2] / "shared/rigs/ict_facekit/build.py"
ICT = "the ICT head"
LINE = "Spa!"
VOWEL = "ɑ"
COLUMNS = 7
LABEL = 28
"""Pixels of the two lines above a picture."""
LETTERS = 38
"""Of a line."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images/zoo.jpg"))
    parser.add_argument("--size", type=int, default=240, help="pixels of one picture")
    parser.add_argument("--only", nargs="*", help="names of characters")
    options = parser.parse_args()

    take = perform(LINE, seed=3)
    vowel = next(phone for phone in take.speech.phones if phone.phone.startswith(VOWEL))
    second = (vowel.start + vowel.end) / 2
    through = "ARKit, short sides, in centimetres"
    cells = []
    for number, name in enumerate([*ZOO, f"{through}, by glTF", ICT, *FACES]):
        if options.only and name not in options.only:
            continue
        if name == ICT and not ICT_HEAD.exists():
            print(f"left out: {name}, which is not here ({ICT_HEAD})")
            continue
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        if name in ZOO:
            animal = make_one(scene, ZOO[name], face(number))
        elif name == ICT:
            animal = make_ict(ICT_HEAD)
        else:
            with tempfile.TemporaryDirectory() as folder:
                if name in FACES:
                    animal = make_rigified(scene, name, Path(folder))
                else:
                    animal = through_gltf(scene, ZOO[through], Path(folder) / "it.glb")
        cells.append((name, picture(scene, animal, take, second, options.size)))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    sheet(cells).save(options.out, quality=88, optimize=True)


def face(number: int) -> AvatarShape:
    """Everybody has another."""
    rng = np.random.default_rng(number)

    def some(scale: float) -> float:
        return float(rng.uniform(-scale, scale))

    skin = ((0.74, 0.375, 0.240), (0.62, 0.33, 0.21), (0.78, 0.46, 0.33), (0.20, 0.085, 0.045), (0.42, 0.2, 0.11))
    hair = ((0.05, 0.022, 0.012), (0.006, 0.005, 0.006), (0.42, 0.20, 0.06), (0.16, 0.155, 0.15), (0.2, 0.04, 0.012))
    cloth = ((0.045, 0.115, 0.16), (0.35, 0.12, 0.03), (0.25, 0.05, 0.08), (0.30, 0.30, 0.28), (0.04, 0.14, 0.06))
    iris = ((0.060, 0.135, 0.125), (0.05, 0.022, 0.01), (0.05, 0.12, 0.25), (0.03, 0.015, 0.008), (0.07, 0.11, 0.14))
    return AvatarShape(
        iris=iris[(number * 3 + 1) % 5],
        skin=skin[number % 5],
        hair=hair[(number * 2 + number // 5) % 5],
        garment=cloth[(number * 3 + number // 7) % 5],
        face_width=some(0.7),
        nose_width=some(0.7),
        nose_length=some(0.6),
        eye_size=some(0.5),
        eye_tilt=some(0.6),
        mouth_width=some(0.4),
        upper_lip=some(0.6),
        lower_lip=some(0.6),
        brow_weight=some(0.8),
        jaw_width=some(0.7),
        chin=some(0.6),
        hair_volume=some(0.7),
    )


def picture(scene: bpy.types.Scene, animal: Animal, take: Performance, second: float, size: int) -> Image.Image:
    """The character on its vowel, seen from the front wherever it stands and whatever its scale."""
    report = bake(scene, find_character(bpy.data.objects[animal.mesh]), take, BakeOptions(sound=False))
    eyes = np.concatenate([animal.points()[animal.parts[side]] for side in ("eye.L", "eye.R")]).mean(axis=0)
    # The character is brought to the studio, not the studio to the character: so all stand in one light.
    back = animal.place.matrix().inverted()
    for root in [obj for obj in scene.objects if obj.parent is None]:
        root.matrix_world = back @ root.matrix_world
    bpy.context.view_layer.update()
    camera = set_stage(scene, bpy.data.objects[animal.mesh])
    film_settings(scene, size)
    scene.cycles.samples = 8
    aim = Vector(eyes.tolist()) + Vector((0.0, 0.0, -0.030))
    camera.location = aim + Vector((0.0, -0.60, 0.0))
    camera.rotation_euler = (aim - camera.location).to_track_quat("-Z", "Y").to_euler()
    scene.frame_set(report.first_frame + round(second * scene.render.fps / scene.render.fps_base))
    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = str(Path(folder) / "picture.png")
        bpy.ops.render.render(write_still=True)
        return Image.open(scene.render.filepath).convert("RGB")


def sheet(cells: list[tuple[str, Image.Image]]) -> Image.Image:
    size, columns = cells[0][1].width, min(COLUMNS, len(cells))
    page = Image.new("RGB", (columns * size, ceil(len(cells) / columns) * (size + LABEL)), (28, 34, 38))
    draw = ImageDraw.Draw(page)
    for index, (name, image) in enumerate(cells):
        x, y = index % columns * size, index // columns * (size + LABEL)
        page.paste(image, (x, y + LABEL))
        draw.text((x + 6, y + 1), "\n".join(wrap(name, LETTERS)), spacing=1, fill=(235, 240, 242))
    return page


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # bpy's own end may not come after Rigify's drivers
