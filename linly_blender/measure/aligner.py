"""How near to the truth the phones of a script are found in a recording, in ten languages and by other voices.

The recordings are espeak-ng's, whose phone times are true, by speakers, at rates and pitches other than those of the
aligner's own reference. What it does with people's voices this cannot tell.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..audio.resampling import resample
from ..dialogue.align import align_script
from ..dialogue.analysis import SURE, HeardLine
from ..language.reader import read_script
from ..language.script import Line
from ..speech.synthesis import EspeakVoice, Spoken, delivery_of
from ..voices import features
from ..voices.sphinx_alignment import SphinxAligner
from .dialogue import HELD_OUT_VOICES, Effect, spoilt
from .figures import Figure, Group
from .rhubarb import RATE
from .sentences import ENGLISH, MANDARIN

Sound = NDArray[np.int16]
Errors = list[float]

TEXTS: Final = {
    "English": (
        "en",
        "The quick brown fox jumps over the lazy dog.",
        "Would you like to come with us to the market tomorrow morning?",
        "Dr. Smith paid $3.50 on 12/5 at 3pm.",
    ),
    "Mandarin": (
        "zh",
        "今天天气很好，我们一起去公园散步吧。",
        "我觉得这个问题非常有意思。",
        "请把书放在桌子上，然后帮我打开窗户。",
    ),
    "German": (
        "de",
        "Der alte Mann ging langsam über die Brücke und sah den Schiffen nach.",
        "Kannst du mir bitte sagen, wie spät es ist?",
        "Morgen früh fahren wir mit dem Zug in die Berge.",
    ),
    "French": (
        "fr",
        "Le petit garçon regardait la pluie tomber sur les toits de la ville.",
        "Est-ce que vous pouvez m'aider à trouver la gare?",
        "Demain matin nous partirons très tôt pour la montagne.",
    ),
    "Spanish": (
        "es",
        "El viejo pescador salió al mar antes del amanecer.",
        "¿Puedes decirme dónde está la estación de trenes?",
        "Mañana por la mañana vamos a viajar a las montañas.",
    ),
    "Italian": (
        "it",
        "La vecchia signora camminava lentamente lungo la riva del fiume.",
        "Mi puoi dire per favore che ore sono?",
        "Domani mattina partiamo presto per la montagna.",
    ),
    "Portuguese": (
        "pt",
        "O velho pescador saiu para o mar antes do nascer do sol.",
        "Você pode me dizer onde fica a estação?",
        "Amanhã de manhã vamos viajar para as montanhas.",
    ),
    "Russian": (
        "ru",
        "Старый рыбак вышел в море до рассвета.",
        "Вы не могли бы сказать мне, который час?",
        "Завтра утром мы поедем на поезде в горы.",
    ),
    "Japanese": (
        "ja",
        "きょうはてんきがいいので、こうえんをさんぽしましょう。",
        "すみません、えきはどこですか。",
        "あしたのあさ、でんしゃでやまへいきます。",
    ),
    "Hindi": (
        "hi",
        "आज मौसम बहुत अच्छा है, चलो बगीचे में घूमने चलते हैं।",
        "क्या आप मुझे बता सकते हैं कि स्टेशन कहाँ है?",
        "कल सुबह हम पहाड़ों पर जाएँगे।",
    ),
}
"""What is said, after espeak-ng's code; written for this project."""
OTHERS: Final = tuple(("en", paragraph) for paragraph in ENGLISH[:4]) + tuple(("zh", each) for each in MANDARIN[:4])
"""Texts that are not said."""
TAKES: Final = tuple(zip(HELD_OUT_VOICES, (1.0, 1.25, 0.8, 1.1), (15, -10, 0, 20), strict=True))
"""Who says it, how much faster and how much higher than the reference."""
PAUSE: Final = 0.5
"""Seconds before, between and after the sentences."""


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A recording of sentences, and the truth about it."""

    lines: list[Line]
    said: list[Spoken]
    begins: list[float]
    """Seconds at which each sentence's sound begins."""
    sound: Sound
    rate: int

    @property
    def spans(self) -> list[tuple[float, float]]:
        """Where somebody speaks."""
        return [
            (begin, begin + len(spoken.sound) / spoken.rate)
            for begin, spoken in zip(self.begins, self.said, strict=True)
        ]


def record(sentences: Sequence[str], language: str, voice: str, speed: float, pitch: int, effect: Effect) -> Take:
    """Have sentences spoken; the same in every run."""
    lines = [replace(read_script(text, language=language)[0], emotion="neutral", intensity=0.0) for text in sentences]
    said = []
    with EspeakVoice(voice) as speaker:
        for line in lines:
            usual = delivery_of(line)
            said.append(speaker.say(line, replace(usual, rate=round(speed * usual.rate), pitch=usual.pitch + pitch)))
    rate = said[0].rate
    silence = np.zeros(round(PAUSE * rate), np.int16)
    sounds, begins, at = [silence], [], len(silence)
    for spoken in said:
        begins.append(at / rate)
        sounds += [spoken.sound, silence]
        at += len(spoken.sound) + len(silence)
    sound = np.concatenate(sounds)
    if effect != "none":
        sound, rate = spoilt(resample(sound, rate, RATE), effect, np.random.default_rng(at)), RATE
    return Take(lines, said, begins, sound, rate)


def takes(language: str, effect: Effect = "none") -> list[Take]:
    """The recordings in a language, one of each held-out voice."""
    code, *sentences = TEXTS[language]
    return [record(sentences, code, *take, effect) for take in TAKES]


def errors(take: Take, heard: Sequence[HeardLine]) -> tuple[Errors, int]:
    """Seconds by which each boundary between two phones is off, and how many phones were not found at all."""
    found = {line.text: line for line in heard if line.basis == "script"}
    off: Errors = []
    missed = 0
    for line, spoken, begin in zip(take.lines, take.said, take.begins, strict=True):
        phones = found[line.text].phones if line.text in found else ()
        if [phone.phone for phone in phones] != [phone.phone for phone in spoken.phones]:
            missed += len(spoken.phones)
            continue
        off += [a.start - begin - b.start for a, b in zip(phones[1:], spoken.phones[1:], strict=True)]
        off.append(phones[-1].end - begin - spoken.phones[-1].end)
    return off, missed


def sphinx_errors(take: Take) -> Errors:
    """The same boundaries as pocketsphinx finds them, each sentence by itself."""
    aligner = SphinxAligner()
    off: Errors = []
    for spoken, (begin, end) in zip(take.said, take.spans, strict=True):
        margin = PAUSE / 2
        part = take.sound[round((begin - margin) * take.rate) : round((end + margin) * take.rate)]
        spans = aligner.align(spoken.phones, features.resample(part, take.rate))
        if spans is not None:
            off += [float(a) - margin - b.start for (a, _), b in zip(spans[1:], spoken.phones[1:], strict=True)]
            off.append(float(spans[-1, 1]) - margin - spoken.phones[-1].end)
    aligner.close()
    return off


def figures() -> Iterator[Group]:
    """Boundaries by language, by what spoils the sound, against pocketsphinx; words that are said and not; speed."""
    every: Errors = []
    rows: list[Figure] = []
    seconds = spent = 0.0
    lost = phones = 0
    english: list[Take] = []
    for language in TEXTS:
        off: Errors = []
        for take in takes(language):
            start = time.process_time()
            heard = list(align_script(take.lines, take.sound, take.rate, take.spans))
            spent += time.process_time() - start
            seconds += len(take.sound) / take.rate
            found, missed = errors(take, heard)
            off += found
            lost += missed
            phones += sum(len(spoken.phones) for spoken in take.said)
            if language == "English":
                english.append(take)
        rows += _rows(language, off)
        every += off
    rows += [*_rows("all", every), Figure("phones not found", 100 * lost / phones, high=1, unit="%")]
    yield f"Aligner: boundaries of phones, {len(TEXTS)} languages, {len(TAKES)} voices, {len(every)} boundaries", rows
    yield (
        "Aligner in English: the same recordings",
        [
            *_rows("own", [error for take in english for error in _own(take)]),
            *(
                Figure(row.name, row.value, unit=row.unit)
                for row in _rows("pocketsphinx", [error for take in english for error in sphinx_errors(take)])
            ),
        ],
    )
    spoilt_rows: list[Figure] = []
    for effect in ("room", "noise"):
        for language in ("English", "Mandarin"):
            off = [error for take in takes(language, effect) for error in _own(take)]
            spoilt_rows += _rows(f"{language}, {effect}", off)
    yield "Aligner: boundaries of phones in a room's echo and in noise", spoilt_rows
    said, unsaid = _sure()
    yield (
        "Aligner: words that are sure",
        [
            Figure("of those that are said", 100 * said, low=95, unit="%"),
            Figure("of those of a text for another recording", 100 * unsaid, high=5, unit="%"),
            Figure("speed, with all that is synthesised for it", seconds / spent, low=60, unit="x real time"),
        ],
    )


def _own(take: Take) -> Errors:
    return errors(take, list(align_script(take.lines, take.sound, take.rate, take.spans)))[0]


def _sure() -> tuple[float, float]:
    """The share of words that are sure, of texts that are said and of others: in the same language, where there is one,
    and in a language that is no near relative.
    """
    said: list[bool] = []
    unsaid: list[bool] = []
    names = list(TEXTS)
    for one, other in zip(names, names[len(names) // 2 :] + names[: len(names) // 2], strict=True):
        others = [_lines(TEXTS[other])] + [_lines((code, *more)) for code, more in OTHERS if code == TEXTS[one][0]]
        for take in takes(one):
            said += _sure_words(take, take.lines)
            for lines in others:
                unsaid += _sure_words(take, lines)
    return float(np.mean(said)), float(np.mean(unsaid))


def _lines(text: Sequence[str]) -> list[Line]:
    code, *sentences = text
    return [line for sentence in sentences for line in read_script(sentence, language=code)]


def _sure_words(take: Take, script: Sequence[Line]) -> list[bool]:
    """Of each word of a script whether it is sure to be said."""
    heard = align_script(script, take.sound, take.rate, take.spans)
    sure = sum(word.confidence >= SURE for line in heard if line.text for word in line.words)
    count = sum(len(line.words) for line in script)
    return [True] * sure + [False] * (count - sure)


def _rows(name: str, off: Errors) -> list[Figure]:
    size = 1000 * np.abs(off) if off else np.array([np.nan])
    return [
        Figure(f"{name}: error, median", float(np.median(size)), high=20, unit="ms"),
        Figure(f"{name}: error, 95 %", float(np.percentile(size, 95)), high=60, unit="ms"),
    ]
