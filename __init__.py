"""Linly Avatar Driver: a line of text becomes a talking character.

The repository's root is the extension's root. Nothing here needs Blender until it registers, so that tools which
import the folder (pytest, type checkers) can.
"""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import registration

    registration.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled."""
    from . import registration

    registration.unregister()
