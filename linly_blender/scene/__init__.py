"""Blender: binding a performance to a character and writing it there. The only part that imports bpy."""
