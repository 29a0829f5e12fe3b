"""What a language model is told before the conversation: who it is, and how to write what will be performed."""

from typing import Final

from ..score import CUE_KINDS, EMOTIONS, SENTENCE_TYPES

DEFAULT_PERSONA: Final = "You are a friendly character who talks with a visitor."

_LANGUAGES: Final = {"en": "English", "zh": "Mandarin Chinese, in simplified characters"}
_EMOTIONS: Final = ", ".join(EMOTIONS)
_GESTURES: Final = ", ".join(f"[{kind.replace('_', ' ')}]" for kind in CUE_KINDS)
_SPOKEN: Final = (
    "Everything you write is spoken aloud by your voice and acted by your face and head. Answer as people talk: one to "
    "three short sentences, the first one very short. {language} No lists, headings, code, links, emoji or stage "
    "directions in words."
)
_INLINE: Final = f"""\
Direct yourself with tags in square brackets, only these:
- at the beginning of a sentence, how it feels, with a strength from 0 to 1: [happy 0.7]. The emotions: {_EMOTIONS}.
- before a word, a gesture that happens with it: {_GESTURES}. One in every second sentence at most.
- [pause 0.5] for half a second of silence, rarely.
Put asterisks around the one word that matters: I *never* said that.
Example: [happy 0.6] Oh, good *morning*! [nod] Yes, we open at nine."""
_STRUCTURED: Final = f"""\
Answer with JSON only: {{"sentences": [{{"emotion": "happy", "intensity": 0.6, "type": "statement", "gesture": "nod", \
"text": "Yes, we open at nine.", "emphasis": ["nine"]}}]}}
One object for each sentence. emotion: {_EMOTIONS}. intensity: 0 to 1. type: {", ".join(SENTENCE_TYPES)}. \
gesture: none, {", ".join(CUE_KINDS)}. emphasis: the words that matter, mostly one or none."""


def instructions(persona: str, language: str, *, structured: bool) -> str:
    """The system message: the persona, how to talk, and the reply format (docs/reply.md)."""
    name = _LANGUAGES.get(language)
    spoken = _SPOKEN.format(language=f"Speak {name}, unless you are asked for another language." if name else "")
    return "\n\n".join((persona.strip() or DEFAULT_PERSONA, spoken, _STRUCTURED if structured else _INLINE))
