"""The words of the recording that is chosen, marked on the timeline where they are heard."""

from typing import Any

from ..linly_blender.scene import word_markers
from . import dialogue_state
from .wording import iface_


def mark(settings: Any) -> int:
    """Mark all words in place of earlier marks; how many there are. Raises UserError when their strip is gone."""
    dialogue = settings.dialogue
    recording = word_markers.of_recording(dialogue.origin, dialogue.name_of_recording())
    return word_markers.put(settings.id_data, recording, _words(settings), iface_("(sound)"))


def mark_again(settings: Any) -> None:
    """Where this recording's words are marked, bring the marks to where they are heard now.

    What was dragged stays as far from its word. Raises UserError when the strip is gone.
    """
    scene, dialogue = settings.id_data, settings.dialogue
    if word_markers.recording_of(scene) != word_markers.of_recording(dialogue.origin, dialogue.name_of_recording()):
        return
    dragged = word_markers.moved(scene)
    mark(settings)
    word_markers.drag(scene, dragged)


def _words(settings: Any) -> list[tuple[str, float]]:
    """All words with the scene frames they begin at."""
    analysis = dialogue_state.analysis_of(settings.dialogue)
    clock = settings.clock()
    lines = analysis.lines if analysis is not None else ()
    return [(word.text, clock.frame_of(word.start)) for line in lines for word in line.words]
