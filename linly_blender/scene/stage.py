"""A small photo studio around the character: camera, three soft lights, a backdrop, and settings for quick film."""

import _cycles  # type: ignore[import-not-found]
import bpy
from mathutils import Vector

COLLECTION = "Linly Stage"


def set_stage(scene: bpy.types.Scene, target: bpy.types.Object) -> bpy.types.Object:
    """Light and frame ``target`` (the avatar's mesh or rig) for a head-and-shoulders shot; returns the camera."""
    collection = bpy.data.collections.get(COLLECTION) or bpy.data.collections.new(COLLECTION)
    if collection.name not in scene.collection.children:
        scene.collection.children.link(collection)
    for old in list(collection.objects):
        bpy.data.objects.remove(old, do_unlink=True)
    base = target.matrix_world.translation
    face = base + Vector((0.0, -0.02, 0.37))
    # name, place from the face, power in watts, size in metres, colour
    for name, place, power, size, colour in (
        ("Key", (0.72, -1.0, 0.52), 17.0, 0.55, (1.0, 0.93, 0.86)),
        ("Fill", (-0.95, -0.75, 0.10), 6.0, 0.9, (0.86, 0.93, 1.0)),
        ("Rim", (-0.55, 0.75, 0.55), 9.0, 0.45, (1.0, 0.96, 0.92)),
    ):
        data = bpy.data.lights.new(f"Linly {name}", "AREA")
        data.energy, data.shape, data.size, data.color = power, "DISK", size, colour
        light = bpy.data.objects.new(f"Linly {name}", data)
        light.location = face + Vector(place)
        light.visible_glossy = name != "Fill"  # one catchlight in each eye
        light.rotation_euler = (-Vector(place)).to_track_quat("-Z", "Y").to_euler()
        collection.objects.link(light)
    data = bpy.data.cameras.new("Linly Camera")
    data.lens = 85.0
    camera = bpy.data.objects.new("Linly Camera", data)
    aim = base + Vector((0.0, 0.0, 0.374))
    camera.location = aim + Vector((0.11, -0.88, 0.015))
    camera.rotation_euler = (aim - camera.location).to_track_quat("-Z", "Y").to_euler()
    collection.objects.link(camera)
    scene.camera = camera
    scene.world = _world()
    return camera


def _world() -> bpy.types.World:
    """A backdrop that glows behind the head and falls off to the edges; soft sky for everything else."""
    world = bpy.data.worlds.get("Linly Backdrop") or bpy.data.worlds.new("Linly Backdrop")
    if bpy.app.version < (5, 0, 0):  # since then there is nothing else
        world.use_nodes = True
    tree = world.node_tree
    tree.nodes.clear()

    def node(kind: str, **settings: object) -> bpy.types.Node:
        made = tree.nodes.new(kind)
        for key, value in settings.items():
            setattr(made, key, value)
        return made

    coordinates = node("ShaderNodeTexCoord")
    centre = node("ShaderNodeVectorMath", operation="DISTANCE")
    centre.inputs[1].default_value = (0.5, 0.52, 0.0)
    ramp = node("ShaderNodeValToRGB")
    ramp.color_ramp.interpolation = "EASE"
    ramp.color_ramp.elements[0].color = (0.36, 0.44, 0.47, 1.0)
    ramp.color_ramp.elements[1].color = (0.085, 0.115, 0.135, 1.0)
    ramp.color_ramp.elements[1].position = 0.72
    seen, sky = node("ShaderNodeBackground"), node("ShaderNodeBackground")
    # Light from the sky: bright above, dim below, as in a room with a white ceiling.
    height = node("ShaderNodeSeparateXYZ")
    above = node("ShaderNodeMapRange", clamp=True)
    above.inputs["From Min"].default_value = -0.6
    above.inputs["From Max"].default_value = 0.9
    tone = node("ShaderNodeValToRGB")
    tone.color_ramp.elements[0].color = (0.30, 0.31, 0.33, 1.0)
    tone.color_ramp.elements[1].color = (0.98, 1.08, 1.16, 1.0)
    sky.inputs["Strength"].default_value = 0.42
    path, mix, output = node("ShaderNodeLightPath"), node("ShaderNodeMixShader"), node("ShaderNodeOutputWorld")
    links = tree.links
    links.new(coordinates.outputs["Generated"], height.inputs[0])
    links.new(height.outputs["Z"], above.inputs["Value"])
    links.new(above.outputs["Result"], tone.inputs["Fac"])
    links.new(tone.outputs["Color"], sky.inputs["Color"])
    links.new(coordinates.outputs["Window"], centre.inputs[0])
    links.new(centre.outputs["Value"], ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], seen.inputs["Color"])
    links.new(path.outputs["Is Camera Ray"], mix.inputs["Fac"])
    links.new(sky.outputs[0], mix.inputs[1])
    links.new(seen.outputs[0], mix.inputs[2])
    links.new(mix.outputs[0], output.inputs["Surface"])
    # The sky is smooth: a small map of where its light comes from is enough, and quick to make.
    world.cycles.sampling_method = "MANUAL"
    world.cycles.sample_map_resolution = 32
    return world


def film_settings(scene: bpy.types.Scene, size: int = 480) -> None:
    """Cycles on the processor, a fraction of a second a frame: two samples, one bounce, a quick denoiser."""
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.use_persistent_data = True
    scene.render.use_motion_blur = False
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.use_adaptive_sampling = False
    # Two samples and a denoiser look cleaner than eight without; some builds of Blender have none.
    denoise = bool(getattr(_cycles, "with_openimagedenoise", False))
    cycles.samples = 2 if denoise else 12
    cycles.use_denoising = denoise
    if denoise:
        cycles.denoiser = "OPENIMAGEDENOISE"
        cycles.denoising_quality = "FAST"
        cycles.denoising_input_passes = "RGB"  # with so few samples the other passes would keep edges ragged
    cycles.max_bounces = 1
    cycles.diffuse_bounces = 1
    cycles.glossy_bounces = 1
    cycles.transmission_bounces = cycles.transparent_max_bounces = cycles.volume_bounces = 0
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_direct = 3.0
    cycles.sample_clamp_indirect = 1.0
    cycles.seed = 0
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    scene.view_settings.exposure = 0.0
