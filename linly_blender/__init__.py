"""The performance engine: from what is said to what a face and a head do.

Plain Python and NumPy; nothing here needs Blender except ``linly_blender.scene``.
"""

__version__ = "0.1.0"
