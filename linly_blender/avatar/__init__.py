"""The demo character, made of numbers: a parametric head and its shapes."""

from .character import build
from .mesh import AvatarMesh, Bone, Material
from .shape import AvatarShape

__all__ = ["AvatarMesh", "AvatarShape", "Bone", "Material", "build"]
