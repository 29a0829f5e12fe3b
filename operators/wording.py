"""The interface's words in the user's language. What is passed literally here must be in ``panels/translations.py``."""

from bpy.app import translations


def iface_(text: str) -> str:
    """As a label."""
    return str(translations.pgettext_iface(text))


def tip_(text: str) -> str:
    """As a tooltip."""
    return str(translations.pgettext_tip(text))


def rpt_(text: str) -> str:
    """As a report."""
    return str(translations.pgettext_rpt(text))
