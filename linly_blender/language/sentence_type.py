"""Statement, question, rhetorical question, exclamation or command: told by marks and by patterns of words."""

import re
from collections.abc import Sequence
from typing import Final

from ..score import SentenceType
from .lexicon import words_of

_MARKS: Final = ".!?…。！？；;‽؟।"
_CLOSING: Final = " \"'”’»」』）)]】》"
_OPENING: Final = re.compile(r"^(?:[\s\"'“‘«「『（(\[【《—–•·*-]|\d{1,2}[.)、]\s)+")


def sentence_type(text: str, words: Sequence[str], language: str) -> SentenceType:
    """The type of one sentence, given with its words; in languages other than English and Mandarin by its marks."""
    text = _OPENING.sub("", text)
    unquoted = text.rstrip(_CLOSING)
    body = unquoted.rstrip(_MARKS)
    marks = unquoted[len(body) :]
    asked = any(mark in marks for mark in "?？‽؟")
    shouted = any(mark in marks for mark in "!！")
    if language.startswith("en"):
        return _english(re.sub(r"\s+", " ", body.replace("’", "'")).strip(), asked, shouted)
    if language in ("cmn", "yue", "hak"):
        return _mandarin(body.strip(), words, asked, shouted)
    return "question" if asked else "exclamation" if shouted else "statement"


# English. Patterns are matched against the sentence in lower case.
_NEGATED: Final = "(?:is|are|was|were|do|does|did|have|has|had|ca|could|wo|would|should|must|ai)n't"
_PLAIN: Final = "(?:is|are|am|was|were|do|does|did|have|has|had|can|could|will|would|shall|should|may|might|must)"
_AUXILIARY: Final = f"(?:{_PLAIN}|{_NEGATED})"
_SUBJECT: Final = (
    "(?:i|you|he|she|it|we|they|this|that|these|those|there|anyone|anybody|someone|somebody|everyone|everybody)"
)
_LEAD: Final = "(?:(?:and|but|so|well|oh|ok|okay|now|hey|wait|then|yes|no|um|hmm|sorry|please|excuse me|tell me),? )*"

_TAG_QUESTION: Final = re.compile(
    rf"(?:(?:^|,? ){_NEGATED} (?:it|he|she|they|we|you|i|that|there)"  # ..., isn't it?
    rf"|, {_PLAIN} (?:it|he|she|they|we|you|i|there)"  # You didn't, did you?
    "|(?:^|,? )(?:right|correct|huh|eh|innit)"
    "|, (?:ok|okay|yeah|yes|no|true|alright|all right|you know|you see|or not|don't you think))$"
)
_RHETORICAL: Final = re.compile(
    f"^{_LEAD}(?:"
    + "|".join(
        (
            # asking for a confirmation
            r"(?:are )?you (?:really |quite |absolutely |so )?(?:sure|certain|positive|serious|kidding|joking)\b",
            r"(?:are )?you (?:crazy|mad|insane|nuts|out of)\b",
            r"(?:really|seriously|honestly|truly|got it|understood)$",
            r"is (?:that|it|this) (?:so|right|true|correct|it|all|clear)$",
            r"you (?:mean|know what)\b",
            r"do you (?:see|understand|get it)$",
            # expecting no answer
            r"who (?:cares|knows|could blame|would have|wouldn't|doesn't|needs|asked you|says so|am i to|are you to)\b",
            r"why (?:not|bother|me)\b",
            r"why should (?:i|we)\b",
            r"what(?: is|'s) the (?:point|use|harm|difference)\b",
            r"so what$",
            r"what (?:else|more) (?:can|could|do|is)\b",
            r"what could possibly\b",
            r"what did you expect\b",
            r"how (?:should|would|could) (?:i|we) (?:know|not|ever)\b",
            r"how (?:dare|could) you\b",
            r"how hard can\b",
            r"since when\b",
            r"do (?:i look like|i have to|you think i|you really think)\b",
            r"guess what$",
            rf"{_NEGATED} (?:it|he|she|they|we|you|i|that|this|there|those|these)\b",
        )
    )
    + ")"
)
# The word order of a statement under a question mark, "You're leaving?", asks for a confirmation.
_DECLARATIVE: Final = re.compile(rf"^{_LEAD}(?:i|you|he|she|it|we|they|this|that|there)(?:'(?:re|s|ve|ll|d|m)\b| \w)")
_ASKING: Final = re.compile(
    f"^{_LEAD}(?:"
    rf"(?:who|what|where|when|why|how|which)(?: \w+)?(?:'s|'re| {_AUXILIARY}) (?:{_SUBJECT}|your|my|the|our)\b"
    r"|(?:who|what|where|why|how)(?:'s|'re| is| are| was| did| does) "
    rf"|{_AUXILIARY} {_SUBJECT}\b(?!.*,))"
)
_EXCLAIMING: Final = re.compile(
    r"^(?:oh,? |wow,? |but |and )*(?:what an? [^,]+"
    r"|how (?:\w+(?:ly|ful|ous|ing|ive|ic)|nice|sad|odd|strange|cute|sweet|kind|rude)\b[^,]*"
    r"|wow|whoa|oh my god|oh my|hooray|hurray|ouch|yay|ugh|good grief|my goodness|congratulations)$"
)
_VERBS: Final = words_of("verbs.en", "verbs")
_PREDICATES: Final = words_of("verbs.en", "predicates")
_BEFORE_VERB: Final = re.compile(
    "(?:(?:please|now|then|so|and|but|just|ok|okay|first|next|finally|also|always|never|kindly|come on|well|hey|oh"
    "|yes|no|quick|quickly|everyone|everybody|guys|here|later|afterwards|simply|gently|slowly),? |(?:look|listen), )+"
)
_CLAUSE_BEFORE: Final = re.compile(
    r"(?:if|when|whenever|once|before|after|until|unless|in case|to|for|while|from|by)\b[^,]+, "
)
_NAME_BEFORE: Final = re.compile(r"[A-Z]\w+(?: [A-Z]\w+)?, ")
_FORBIDDING: Final = re.compile(r"(?:don't|do not) (?!(?:i|you|we|they|know|think|care|want|like|need)\b)")


def _english(body: str, asked: bool, shouted: bool) -> SentenceType:
    low = body.lower()
    if asked:
        if re.match(f"{_LEAD}(?:could|can|would|will) you\\b", low):  # a request, also with "please, okay?"
            return "question"
        rhetorical = _TAG_QUESTION.search(low) or _RHETORICAL.match(low) or _DECLARATIVE.match(low)
        return "rhetorical" if rhetorical else "question"
    if _is_command(body):
        return "command"
    if shouted or _EXCLAIMING.match(low):
        return "exclamation"
    return "question" if _ASKING.match(low) else "statement"


def _is_command(body: str) -> bool:
    """Whether a sentence begins with a verb's base form: after a name, a condition and small words, if any."""
    low = body.lower()
    before = [found for found in (_NAME_BEFORE.match(body), _CLAUSE_BEFORE.match(low)) if found is not None]
    return any(_begins_with_verb(low[start:]) for start in (0, *(found.end() for found in before)))


def _begins_with_verb(low: str) -> bool:
    if low.startswith(("let's ", "let us ")):
        return True
    before = _BEFORE_VERB.match(low)
    rest = low[before.end() :] if before else low
    if _FORBIDDING.match(rest):
        return True
    found = re.match(r"([\w']+)(,?)(?: ([\w']+))?", rest)
    if found is None or found[1] not in _VERBS:
        return False
    if found[3] is None:
        return found[1] != "be"
    if found[1] in ("do", "have") and found[3] in ("i", "you", "we", "they", "he", "she"):
        return False  # a question without its mark
    # "Look, I am busy." calls; "Work is hard." is about a noun.
    return found[3] not in _PREDICATES and not (found[2] and found[1] in ("look", "listen", "see", "say"))


# Mandarin.
_RHETORICAL_ZH: Final = re.compile(
    "难道|岂|何必|何苦|何尝|何不|怎么可能|怎么会|怎么敢|谁不|谁知道|谁在乎|谁管|谁稀罕|哪有|哪里有|哪能|哪会|凭什么"
    "|谁能想到|谁会想到|至于吗|还用说|还用问|有什么用|有什么意义|你确定|您确定|确定吗|真的吗|真的假的|你是说|你的意思是"
    "|你说呢|不就是|不是.{1,20}吗$|开玩笑|什么关系$|又怎样$|又怎么样$"
    "|(?:不是|对|是|行|好|懂|明白|不对)吗$|(?:对不对|是不是)$|吧$"
)
_ASKING_ZH: Final = re.compile(
    "吗$|么$|^(?:请问|为什么|为何|怎么|谁|哪里|哪儿|什么时候|多少)|([能会要想有在可])不\\1|是不是|有没有"
    "|(?:什么|怎么样|哪里|哪儿|多少|几点|谁|怎么办)呢?$"
)
_NOT_ASKING_ZH: Final = re.compile("知道|无论|不管|看|取决|问|告诉|什么的$|没什么|忘|清楚|随|那么$|这么$")
_EXCLAIMING_ZH: Final = re.compile(
    "^(?:哇|天哪|天啊|哎呀|我的天)|太.{1,8}(?:了|啦)$|多么|(?:真|好|真是|这么|那么).{1,12}(?:啊|呀|啦)$|极了$"
)
_COMMANDS_ZH: Final = words_of("commands.zh", "commands")
_ANYWHERE_ZH: Final = words_of("commands.zh", "anywhere")
_OPENINGS_ZH: Final = words_of("commands.zh", "openings")
_NOT_AFTER_ZH: Final = words_of("commands.zh", "not after")
_TELLING_ZH: Final = words_of("commands.zh", "telling")
_PROPOSING_ZH: Final = words_of("commands.zh", "proposing")


def _mandarin(body: str, words: Sequence[str], asked: bool, shouted: bool) -> SentenceType:
    rhetorical = _RHETORICAL_ZH.search(body) is not None and not body.startswith("请问")
    if asked:
        return "rhetorical" if rhetorical else "question"
    if _is_command_zh(body, words):
        return "command"
    if not shouted and _ASKING_ZH.search(body) and not _NOT_ASKING_ZH.search(body):
        return "rhetorical" if rhetorical else "question"
    return "exclamation" if shouted or _EXCLAIMING_ZH.search(body) else "statement"


def _is_command_zh(body: str, words: Sequence[str]) -> bool:
    for i, word in enumerate(words):
        if word in _ANYWHERE_ZH and (i == 0 or words[i - 1] not in _NOT_AFTER_ZH):
            return True
    start = next((i for i, word in enumerate(words) if word not in _OPENINGS_ZH), 0)
    following = words[start + 1] if start + 1 < len(words) else ""
    if words[start] + following in _COMMANDS_ZH or (words[start] in _COMMANDS_ZH and following not in _TELLING_ZH):
        return True
    return body.endswith("吧") and words[start] in _PROPOSING_ZH
