"""How much of what is said rests on its words, and what the user is told of the rest."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..errors import some_of
from .analysis import UNKNOWN, Analysis

Span = tuple[float, float]

MOST: Final = 0.95
"""Share from which nothing needs to be said of the rest."""
JOINED: Final = 0.5
"""Seconds between two stretches without words that are told of as one."""

NO_WORDS: Final = "No words are known, so the mouth follows the sound alone. Give the text, or choose a recogniser."
OTHER_TEXT: Final = (
    "The text is not what is said in the recording, so the mouth follows the sound alone. Check that text and "
    "recording belong together, and that the language is right."
)
NOT_UNDERSTOOD: Final = (
    "Hardly a word was understood, so the mouth follows the sound alone. Give the text, or choose another "
    "recogniser or language."
)


def on_sound(analysis: Analysis) -> Iterator[str]:
    """Where the sound alone is followed in a recording of which some words are known."""
    share = analysis.on_phones
    if 0 < share < MOST:
        where = some_of(map(clock, _without_words(analysis)))
        yield (
            f"{100 * share:.0f} % of what is said rests on its words; at {where} the mouth follows the sound alone. "
            "Correct what is said there to have it exact."
        )


def noted(changed: Analysis, before: Analysis) -> Analysis:
    """A changed analysis with the notes that are still true of it."""
    old = {*on_sound(before), *((NO_WORDS, OTHER_TEXT, NOT_UNDERSTOOD) if changed.on_phones else ())}
    kept = tuple(note for note in changed.notes if note not in old)
    if len(kept) == len(changed.notes):
        return changed
    return replace(changed, notes=(*kept, *on_sound(changed)))


def clock(span: Span) -> str:
    """When a stretch begins.

    >>> clock((83.25, 85.0))
    '1:23'
    """
    minutes, seconds = divmod(int(span[0]), 60)
    return f"{minutes}:{seconds:02d}"


def _without_words(analysis: Analysis) -> list[Span]:
    """The stretches that rest on their sound, in order, near ones joined."""
    found: list[Span] = []
    for line in analysis.lines:
        for phone in line.phones:
            if phone.phone != UNKNOWN:
                continue
            if found and phone.start - found[-1][1] < JOINED:
                found[-1] = found[-1][0], phone.end
            else:
                found.append((phone.start, phone.end))
    return found
