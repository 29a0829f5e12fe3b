"""The faces that Rigify generates: poses of their controls, from names and places at rest alone."""

from .poses import rigify_poses

__all__ = ["rigify_poses"]
