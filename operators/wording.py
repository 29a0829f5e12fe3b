"""The interface's words in the user's language. What is passed literally here must be in ``panels/translations.py``."""

import bpy
from bpy.app import translations

from ..panels.messages import in_chinese


def iface_(text: str) -> str:
    """As a label."""
    return str(translations.pgettext_iface(text))


def tip_(text: str) -> str:
    """As a tooltip."""
    return str(translations.pgettext_tip(text))


def rpt_(text: str) -> str:
    """As a report."""
    return str(translations.pgettext_rpt(text))


def told_(message: str) -> str:
    """As a message of the engine's, which speaks English."""
    is_chinese = translations.locale == "zh_HANS" and bpy.context.preferences.view.use_translate_reports
    return in_chinese(message) if is_chinese else message
