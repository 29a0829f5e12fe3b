"""Praat's TextGrid: lines, words and phones as tiers that phoneticians and forced aligners read and write.

The format (Praat manual, "TextGrid file formats"): a reader looks for numbers that stand free, texts in quotes and
flags in angle brackets, and for nothing else; the long form differs from the short one only in what is between them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final, NoReturn

from ..errors import UserError, some_of
from ..face.inventory import is_known
from ..files import check_can_write, replacing
from ..language.detect import ENGLISH, resolve
from ..language.script import Line
from ..score import UNKNOWN, Phone
from .analysis import Analysis, HeardLine, HeardWord
from .analysis_file import LONGEST, check_duration
from .reading import read_line, space

SUFFIX: Final = ".textgrid"
TIERS: Final = ("lines", "words", "phones")
PAUSE: Final = 0.5
"""Seconds of silence between two lines where the file has none."""

_NAMES: Final = {
    "lines": "lines", "line": "lines", "sentences": "lines", "sentence": "lines", "utterances": "lines",
    "utterance": "lines", "transcription": "lines", "words": "words", "word": "words", "ort-mau": "words",
    "phones": "phones", "phone": "phones", "phonemes": "phones", "segments": "phones", "mau": "phones",
}  # fmt: skip
"""What the tiers are called by us, by the Montreal Forced Aligner and by WebMAUS."""
_MOST_BYTES: Final = 64 * 2**20
_LONGEST_TEXT: Final = 100_000
_LONGEST_PHONE: Final = 32
_ROUNDING: Final = 1e-3
"""Seconds by which the intervals of a tier may overlap."""
_SHORTEST: Final = 0.005
"""Seconds of a phone."""

_TOKEN: Final = re.compile(
    r'"(?P<text>[^"]*+(?:""[^"]*+)*+)"'
    r"|<(?P<flag>\w{1,20})>"
    r"|(?<!\S)![^\n]*"
    r"|(?<!\S)(?P<number>[-+]?(?:\d{1,30}(?:\.\d*)?|\.\d{1,30})(?:[eE][-+]?\d{1,4})?)%?(?!\S)"
)
_SILENCES: Final = frozenset(("", "sil", "sp", "pau", "nsn", "#", "_", "<eps>", "<sil>", "<p:>", "<p>", "<s>", "</s>"))
_NO_WORD: Final = frozenset((UNKNOWN, "spn", "<unk>", "<usb>"))
"""What stands for speech of which nobody knows the words."""
_STRESS: Final = {"ˈ": 1, "'": 1, "ˌ": 2}
_STRESS_MARK: Final = ("", "ˈ", "ˌ")
_TONES: Final = re.compile("[˥˦˧˨˩¹²³⁴⁵0-9]+$")
_ARPABET: Final = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AX": "ə", "AXR": "ɚ", "AY": "aɪ", "EH": "ɛ", "ER": "ɝ",
    "EY": "eɪ", "IH": "ɪ", "IX": "ɨ", "IY": "i", "OW": "oʊ", "OY": "ɔɪ", "UH": "ʊ", "UW": "u", "UX": "ʉ",
    "B": "b", "CH": "tʃ", "D": "d", "DH": "ð", "DX": "ɾ", "EL": "l̩", "EM": "m̩", "EN": "n̩", "F": "f", "G": "ɡ",
    "HH": "h", "H": "h", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ", "P": "p", "Q": "ʔ", "R": "ɹ",
    "S": "s", "SH": "ʃ", "T": "t", "TH": "θ", "V": "v", "W": "w", "WH": "ʍ", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
_ARPABET_PHONE: Final = re.compile(f"(?:{'|'.join(_ARPABET)})[012]?")
_REDUCED: Final = {"ʌ": "ə", "ɝ": "ɚ"}
"""Of AH0 and ER0."""


@dataclass(frozen=True, slots=True)
class Interval:
    start: float
    end: float
    label: str
    """Without space around it."""

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


# Writing


def write(analysis: Analysis, path: Path) -> None:
    """Write the tiers lines, words and phones in the long form, ``path`` ending in ``.TextGrid``.

    It appears whole or not at all. What a TextGrid has no place for is not in it: confidences, emotions and noises.
    Raises UserError when it cannot be written, or could not be read again.
    """
    check_can_write(path, SUFFIX)
    text = dump(analysis)
    parse(text, f"The TextGrid for {path}")
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def dump(analysis: Analysis) -> str:
    """As TextGrid, long form. Stress stands before a phone as ˈ or ˌ; speech without words is ``?``."""
    tiers = {
        "lines": [Interval(line.start, line.end, line.text or UNKNOWN) for line in analysis.lines],
        "words": [
            Interval(word.start, word.end, word.text or UNKNOWN) for line in analysis.lines for word in line.words
        ],
        "phones": [
            Interval(phone.start, phone.end, _STRESS_MARK[phone.stress] + phone.phone)
            for line in analysis.lines
            for phone in line.phones
        ],
    }
    rows = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {analysis.duration!r}",
        "tiers? <exists>",
        f"size = {len(tiers)}",
        "item []:",
    ]
    for number, (name, intervals) in enumerate(tiers.items(), 1):
        filled = list(_filled(intervals, analysis.duration))
        rows += [
            f"    item [{number}]:",
            '        class = "IntervalTier"',
            f"        name = {_quoted(name)}",
            "        xmin = 0",
            f"        xmax = {analysis.duration!r}",
            f"        intervals: size = {len(filled)}",
        ]
        for place, interval in enumerate(filled, 1):
            rows += [
                f"        intervals [{place}]:",
                f"            xmin = {interval.start!r}",
                f"            xmax = {interval.end!r}",
                f"            text = {_quoted(interval.label)}",
            ]
    return "\n".join(rows) + "\n"


def _filled(intervals: Iterable[Interval], duration: float) -> Iterator[Interval]:
    """Intervals from 0 to the end without gaps or overlaps: Praat wants every moment in one."""
    at = 0.0
    for interval in intervals:
        start, end = max(interval.start, at), min(interval.end, duration)
        if end <= start:
            continue
        if start > at:
            yield Interval(at, start, "")
        yield Interval(start, end, interval.label)
        at = end
    if at < duration or not at:
        yield Interval(at, duration, "")


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


# Reading


def read(path: Path, language: str = "auto", duration: float | None = None) -> Analysis:
    """Read a TextGrid in either form, in UTF-8 or UTF-16.

    Parameters: the language of what is said, as ``read_script`` takes it; the seconds of the recording it is for, if
    that is known. Lines come from the tier ``lines``, or from the pauses between words; words without phones get one
    ``UNKNOWN`` each. Phones may be in IPA or ARPABET. Tiers of other names and of points are left out.
    Raises UserError for any fault in it, and when it was made of a recording of another length.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UserError(f"{path} is too big ({path.stat().st_size} bytes) to be what it should be.")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is not a text file in UTF-8 or UTF-16 (byte {error.start}). In Praat choose Text writing "
            "preferences > UTF-8, and save it again."
        ) from error
    return parse(text, str(path), language, duration)


def parse(text: str, source: str, language: str = "auto", duration: float | None = None) -> Analysis:
    """An analysis from the text of a TextGrid; ``source`` names it in messages. All else as of ``read``."""
    code = resolve(language)
    tokens = _Tokens(text, source)
    if "ooTextFile" not in text[:100] or (tokens.text() and tokens.text() != "TextGrid"):
        raise UserError(f"{source} is not a TextGrid. Choose a file that was saved by Praat or by a forced aligner.")
    own, tiers = _tiers(tokens, source)
    check_duration(source, own, duration)
    return Analysis(own, tuple(_lines(tiers, code)))


class _Tokens:
    """The numbers, texts and flags of a file, one after the other."""

    def __init__(self, text: str, source: str) -> None:
        self._text, self._source = text, source
        self._found = (match for match in _TOKEN.finditer(text) if match.lastgroup)
        self._at = 0

    def take(self, kind: str) -> str:
        """The next token, which has to be of this kind."""
        match = next(self._found, None)
        if match is None:
            raise UserError(f"{self._source} is cut short: copy or save it again.")
        self._at = match.start()
        if match.lastgroup != kind:
            self.complain(f"there should be a {kind}")
        return match[kind]

    def number(self, low: float = 0.0, high: float = LONGEST) -> float:
        value = float(self.take("number"))
        if not low <= value <= high:
            self.complain(f"the number should be from {low:g} to {high:g}")
        return value

    def text(self) -> str:
        text = self.take("text").replace('""', '"')
        if len(text) > _LONGEST_TEXT:
            self.complain(f"the text should have at most {_LONGEST_TEXT} characters")
        return " ".join("".join(each if each.isprintable() else " " for each in text).split())

    def complain(self, expected: str) -> NoReturn:
        line = self._text.count("\n", 0, self._at) + 1
        raise UserError(f"{self._source} is not a valid TextGrid: in line {line} {expected}.")


def _tiers(tokens: _Tokens, source: str) -> tuple[float, dict[str, list[Interval]]]:
    """The recording's length, and the first tier of each of ``TIERS`` that there is."""
    begin = tokens.number()
    end = tokens.number(begin)
    tiers: dict[str, list[Interval]] = {}
    names: list[str] = []
    count = int(tokens.number()) if tokens.take("flag") == "exists" else 0
    for _ in range(count):
        kind, name = tokens.text(), tokens.text()
        names.append(name)
        role = _NAMES.get(name.rpartition(" - ")[2].lower())
        tokens.number()
        tokens.number()
        size = int(tokens.number(high=1e7))
        if kind == "IntervalTier":
            intervals = _intervals(tokens, size, end)
            if role is not None:
                tiers.setdefault(role, intervals)
        elif kind == "TextTier":
            for _ in range(size):
                tokens.number()
                tokens.text()
        else:
            tokens.complain("there should be a tier of intervals or points")
    if not tiers:
        raise UserError(
            f"{source} has no tier of lines, words or phones, only: {some_of(names)}. Name the tiers so in Praat."
        )
    return end, tiers


def _intervals(tokens: _Tokens, count: int, latest: float) -> list[Interval]:
    found: list[Interval] = []
    at = 0.0
    for _ in range(count):
        start = max(at, tokens.number(max(0.0, at - _ROUNDING), latest + _ROUNDING))
        end = min(latest, tokens.number(start - _ROUNDING, latest + _ROUNDING))
        label = tokens.text()
        if end - start > 0:
            found.append(Interval(start, end, label))
        at = max(at, end)
    return found


# From tiers to lines


def _lines(tiers: dict[str, list[Interval]], code: str | None) -> Iterator[HeardLine]:
    rows = [row for row in tiers.get("lines", ()) if row.label]
    phones = _phones(tiers.get("phones", ()))
    if "words" in tiers:
        words = [_word(row) for row in tiers["words"] if row.label.lower() not in _SILENCES]
        without = [row for row in rows if not any(row.start <= (word.start + word.end) / 2 < row.end for word in words)]
        words = sorted([*words, *(word for row in without for word in _spread(row, code))], key=lambda word: word.start)
    elif rows:
        words = [word for row in rows for word in _spread(row, code)]
    else:
        words = [HeardWord("", run[0].start, run[-1].end, 0.0) for run in _runs(phones)]
    of_word = _each_in(phones, [(word.start, word.end) for word in words])
    filled = _with_syllables(words, [[phones[index] for index in inside] for inside in of_word])
    for text, indices in _grouped(rows, words, code):
        line = _line(text, [words[index] for index in indices], [filled[index] for index in indices], code)
        if line is not None:
            yield line


def _word(row: Interval) -> HeardWord:
    return HeardWord("" if row.label.lower() in _NO_WORD else row.label, row.start, row.end, 0.0)


def _phones(rows: Iterable[Interval]) -> list[Phone]:
    """Phones in IPA, their words not known yet."""
    heard = [row for row in rows if row.label.lower() not in _SILENCES]
    known = [row.label for row in heard if row.label.lower() not in _NO_WORD]
    read = _from_arpabet if all(_ARPABET_PHONE.fullmatch(label) for label in known) else _from_ipa
    found = []
    for row in heard:
        name, stress = (UNKNOWN, 0) if row.label.lower() in _NO_WORD else read(row.label)
        found.append(Phone(name, row.start, row.end, stress, -1))
    return found


def _from_arpabet(label: str) -> tuple[str, int]:
    """A phone in IPA, and its stress."""
    name, stress = label.rstrip("012"), int(label[-1]) if label[-1].isdigit() else 0
    phone = _ARPABET[name]
    return _REDUCED.get(phone, phone) if label.endswith("0") else phone, stress


def _from_ipa(label: str) -> tuple[str, int]:
    """A phone without its marks of stress and tone, and its stress."""
    stress = _STRESS.get(label[:1], 0)
    phone = _TONES.sub("", label.lstrip("ˈˌ'")).lower()
    if not is_known(phone) or len(phone) > _LONGEST_PHONE:
        return UNKNOWN, stress
    return phone, stress


def _spread(row: Interval, code: str | None) -> list[HeardWord]:
    """The words of a line that has none, evenly over its time; one without text where it cannot be read."""
    line = _read(row.label, code)
    if line is None:
        return [HeardWord("", row.start, row.end, 0.0)]
    letters = [len(word.text) for word in line.words]
    total = sum(letters)
    edges = [row.start + (row.end - row.start) * sum(letters[:index]) / total for index in range(len(letters))]
    return [
        HeardWord(word.text, start, end, 0.0)
        for word, (start, end) in zip(line.words, pairwise([*edges, row.end]), strict=True)
    ]


def _runs(phones: list[Phone]) -> list[list[Phone]]:
    """Phones between pauses."""
    runs: list[list[Phone]] = []
    for phone in phones:
        if runs and phone.start - runs[-1][-1].end < PAUSE:
            runs[-1].append(phone)
        else:
            runs.append([phone])
    return runs


def _each_in(phones: list[Phone], spans: list[tuple[float, float]]) -> list[list[int]]:
    """For each span, all in order, the indices of the phones whose middle is in it."""
    inside: list[list[int]] = [[] for _ in spans]
    at = 0
    for index, phone in enumerate(phones):
        middle = (phone.start + phone.end) / 2
        while at < len(spans) and spans[at][1] <= middle:
            at += 1
        if at < len(spans) and spans[at][0] <= middle:
            inside[at].append(index)
    return inside


def _with_syllables(words: list[HeardWord], phones: list[list[Phone]]) -> list[list[Phone]]:
    """The phones of each word; of one that has none an ``UNKNOWN`` one, where there is room between the others."""
    result = [list(each) for each in phones]
    latest = [0.0]
    for each in result:
        latest.append(each[-1].end if each else latest[-1])
    following = LONGEST
    for index in reversed(range(len(words))):
        if result[index]:
            following = result[index][0].start
            continue
        start, end = max(words[index].start, latest[index]), min(words[index].end, following)
        if end - start >= _SHORTEST:
            result[index] = [Phone(UNKNOWN, start, end, 1, -1)]
            following = start
    return result


def _grouped(rows: list[Interval], words: list[HeardWord], code: str | None) -> Iterator[tuple[str, list[int]]]:
    """The text of each line, and the indices of its words, in order. Words of no line make lines between pauses."""
    at = 0
    group: list[int] = []
    of_row: Interval | None = None
    for index, word in enumerate(words):
        middle = (word.start + word.end) / 2
        while at < len(rows) and rows[at].end <= middle:
            at += 1
        row = rows[at] if at < len(rows) and rows[at].start <= middle else None
        pause = bool(group) and row is None and word.start - words[group[-1]].end >= PAUSE
        if group and (row is not of_row or pause):
            yield _text(of_row, [words[each] for each in group], code), group
            group = []
        group.append(index)
        of_row = row
    if group:
        yield _text(of_row, [words[each] for each in group], code), group


def _text(row: Interval | None, words: list[HeardWord], code: str | None) -> str:
    if row is not None:
        return "" if row.label.lower() in _NO_WORD else row.label
    known = [word.text for word in words if word.text]
    together = " ".join(known)
    line = _read(together, code)
    return space(line.language).join(known) if line is not None else together


def _read(text: str, code: str | None) -> Line | None:
    """What a text means; None where it cannot be read."""
    try:
        return read_line(text, code or "auto")
    except UserError:
        return None


def _line(text: str, words: list[HeardWord], phones: list[list[Phone]], code: str | None) -> HeardLine | None:
    """A line of words and the phones of each; None when it has no sound."""
    if not any(phones):
        return None
    meant = _read(text, code) if text else None
    emphases = [word.emphasis for word in meant.words] if meant is not None else []
    if len(emphases) != len(words):
        emphases = [0.0] * len(words)
    timed: list[HeardWord] = []
    at = next(each[0].start for each in phones if each)
    for word, own, emphasis in zip(words, phones, emphases, strict=True):
        start, end = (own[0].start, own[-1].end) if own else (at, at)
        known = any(phone.phone != UNKNOWN for phone in own)
        timed.append(HeardWord(word.text, start, end, float(known), emphasis))
        at = end
    every = tuple(replace(phone, word=index) for index, own in enumerate(phones) for phone in own)
    return HeardLine(
        text=meant.text if meant is not None else text,
        language=meant.language if meant is not None else code or ENGLISH,
        start=every[0].start,
        end=every[-1].end,
        basis="script" if text else "sound",
        words=tuple(timed),
        phones=every,
        type=meant.type if meant is not None else "statement",
        emotion=meant.emotion if meant is not None else "neutral",
        intensity=meant.intensity if meant is not None else 0.0,
    )
