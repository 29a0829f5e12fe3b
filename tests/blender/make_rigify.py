"""Generate Rigify's human with either of its faces, in a Blender of its own: python make_rigify.py FILE.

Rigify leaves operators, handlers and preferences behind, which no other test shall meet.
"""

import os
import sys

import bpy


def main(path: str) -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module="rigify")
    bpy.ops.object.armature_human_metarig_add()
    metarig = bpy.context.object
    for name in ("Constants", "Chains"):
        bpy.context.view_layer.objects.active = metarig
        bpy.ops.object.mode_set(mode="POSE")
        if name == "Chains":
            bpy.ops.pose.rigify_upgrade_face()
        metarig.data.rigify_target_rig = None
        bpy.ops.pose.rigify_generate()
        bpy.context.object.name = name
    bpy.ops.wm.save_as_mainfile(filepath=path)


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    os._exit(0)  # bpy's own end takes seconds
