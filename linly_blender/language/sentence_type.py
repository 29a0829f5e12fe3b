"""Statement, question, rhetorical question, exclamation or command: told by marks and by patterns of words."""

import re
from collections.abc import Sequence
from typing import Final

from ..score import SentenceType
from .lexicon import words_of

_MARKS: Final = ".!?…。！？；;‽؟।"
_CLOSING: Final = " \"'”’»」』）)]】》"
_TELLING: Final = 300
"""Characters at either end of a sentence that tell its type; none is so long but by mistake."""
_OPENING: Final = re.compile(r"^(?:[\s\"'“‘«「『（(\[【《—–•·*-]|\d{1,2}[.)、]\s)+")


def sentence_type(text: str, words: Sequence[str], language: str) -> SentenceType:
    """The type of one sentence, given with its words; in languages other than English and Mandarin by its marks."""
    text = _OPENING.sub("", text)
    if len(text) > 2 * _TELLING:
        text = text[:_TELLING] + text[-_TELLING:]
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
            r"is (?:that|it|this) (?:really )?(?:what|how|why|who)\b",
            r"you (?:mean|know what)\b",
            r"do you (?:see|understand|get it)$",
            r"do (?:you|they|we|i) really (?:think|believe|expect|want|need|have to)\b",
            # expecting no answer
            r"who (?:cares|knows|could blame|would have|wouldn't|doesn't|needs|asked you|says so|am i to|are you to)\b",
            r"why (?:not|bother|me)\b",
            r"who do you think (?:you are|you're|i am|i'm)\b",
            r"why should (?:i|we)\b",
            r"how (?:should|would|could) (?:i|we) (?:know|not|ever)\b",
            r"(?:who|how|why|where) (?:could|would|should) (?:anyone|anybody|someone|one|you possibly)\b",
            r"what(?: is|'s) the (?:point|use|harm|difference)\b",
            r"what (?:difference|good|use) (?:does|would|will|is)\b",
            r"how (?:many times|often) (?:do|did|must|have|should) (?:i|we)\b",
            r"have you (?:lost your|gone|no)\b",
            r"is the pope catholic$",
            r"so what$",
            r"what (?:else|more) (?:can|could|do|is)\b",
            r"what could possibly\b",
            r"what did you expect\b",
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
# Questions without their mark. "Who did it does not matter." only mentions one: a second verb follows.
_MENTIONING: Final = re.compile(
    r"\w+ \w+ .*\b(?:does not|doesn't|did not|didn't|is not|isn't|matters|makes|remains|depends"
    r"|is (?:still|unknown|up to)"
    r"|is (?:a|an|the|none|no|my|your|our) )"
)
_ASKING: Final = re.compile(
    f"^{_LEAD}(?:"
    r"(?:who|what|where|when|why|how)$"
    rf"|(?:who|what|where|when|why|how|which)(?: \w+)?(?:'s|'re| {_AUXILIARY}) (?:{_SUBJECT}|your|my|the|our)\b"
    r"|(?:who|what|where|why|how)(?:'s|'re| is| are| was| did| does) |what (?:happens|happened|comes|came) "
    rf"|how (?:many|much|long|far|often|old|big|late|soon)(?: (?!{_SUBJECT}\b)\w+){{0,2}} {_AUXILIARY}\b"
    rf"|(?:is|are|was|were|does|did|has|can|could|would|should) (?:the|your|my|our|his|her|their|any|there)\b"
    rf"|{_AUXILIARY} {_SUBJECT}\b(?!.*,))"
)
_TAG_WITHOUT_MARK: Final = re.compile(
    rf", {_NEGATED} (?:it|he|she|they|we|you|i|that|there)$"
    rf"|(?:n't| not|never|no|nobody|nothing) .*, {_PLAIN} (?:he|she|they|we|you|i|there|it)$"
)
_EXCLAIMING: Final = re.compile(
    r"^(?:oh,? |wow,? |but |and )*(?:what an? [^,]+"
    r"|what (?:fun|luck|joy|nonsense|rubbish|bliss|cheek|(?:lovely|wonderful|beautiful|great|good|nice|terrible|awful"
    r"|horrible|amazing|incredible|strange|funny|bad) \w+)\b[^,]*"
    r"|how (?:\w+(?:ly|ful|ous|ing|ive|ic)|nice|sad|odd|strange|cute|sweet|kind|rude)\b[^,]*"
    r"|wow|whoa|oh my god|oh my|hooray|hurray|ouch|yay|ugh|good grief|my goodness|congratulations)$"
)
_VERBS: Final = words_of("verbs.en", "verbs")
_PREDICATES: Final = words_of("verbs.en", "predicates")
_BEFORE_VERB: Final = re.compile(
    "(?:(?:please|now|then|so|and|but|just|ok|okay|first|next|finally|also|always|never|kindly|come on|well|hey|oh"
    "|yes|no|quick|quickly|everyone|everybody|someone|somebody|nobody|you two|guys|here|later|afterwards"
    "|simply|gently|slowly),? "
    "|(?:look|listen|folks|children|kids|boys|girls|friends|ladies and gentlemen), )+"
)
_CLAUSE_BEFORE: Final = re.compile(
    r"(?:if|when|whenever|once|before|after|until|unless|in case|to|for|while|from|by)\b[^,]+, "
)
_NAME_BEFORE: Final = re.compile(r"[A-Z]\w+(?: [A-Z]\w+)?, ")
_FORBIDDING: Final = re.compile(r"(?:don't|do not) (?!(?:i|you|we|they|know|think|care|want|like|need)\b)")

_ORDERING: Final = re.compile(r"(?!yes|no|oh|well|thank)[\w']+(?: [\w']+){0,2}, please$")  # "Quiet, please!"
_OFFERING: Final = re.compile(
    r"let me (?:explain|introduce|show|tell|give|say|begin|start|add|share|put it|be clear)\b"
)


def _english(body: str, asked: bool, shouted: bool) -> SentenceType:
    low = body.lower()
    if asked:
        if re.match(f"{_LEAD}(?:could|can|would|will) you\\b", low):  # a request, also with "please, okay?"
            return "question"
        rhetorical = _TAG_QUESTION.search(low) or _RHETORICAL.match(low) or _DECLARATIVE.match(low)
        return "rhetorical" if rhetorical else "question"
    if _TAG_WITHOUT_MARK.search(low):
        return "rhetorical"
    if _is_command(body) or _ORDERING.match(low):
        return "command"
    if shouted or _EXCLAIMING.match(low):
        return "exclamation"
    return "question" if _ASKING.match(low) and not _MENTIONING.match(low) else "statement"


def _is_command(body: str) -> bool:
    """Whether a sentence begins with a verb's base form: after a name, a condition and small words, if any."""
    low = body.lower()
    before = [found for found in (_NAME_BEFORE.match(body), _CLAUSE_BEFORE.match(low)) if found is not None]
    return any(_begins_with_verb(low[start:]) for start in (0, *(found.end() for found in before)))


def _begins_with_verb(low: str) -> bool:
    before = _BEFORE_VERB.match(low)
    rest = low[before.end() :] if before else low
    if rest.startswith(("let's ", "let us ")):
        return True
    if _OFFERING.match(rest):
        return False
    if _FORBIDDING.match(rest):
        return True
    found = re.match(r"([\w']+)(?![\w'-])(,?)(?: ([\w']+))?", rest)
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
    "难道|岂|何必|何苦|何尝|何不|怎么可能|怎么会|怎么敢|怎么好意思|(?:我|谁)怎么(?:会|能)?知道|谁不|谁知道|谁在乎|谁管|谁稀罕|谁还|谁敢"
    "|哪有|哪里有|哪能|哪会|哪来的|凭什么|我(?:为什么|为啥|干吗)(?:要|得)|谁能想到|谁会想到|至于吗|还用说|还用问|有什么(?:用|意义|意思|区别|关系|好[^^]|了不起|大不了|不)"
    "|[你您](?:真的|真|非常)?(?:确定|肯定|保证)|确定吗|真的吗|真的假的|当真|认真的|你是说|你的意思是|你说呢|以为(?:你|我|自己)"
    "|多少(?:遍|次)了?$|不会吧|不就是|开玩笑|什么关系$|又怎样$|又怎么样$|真的(?:觉得|认为|相信|以为|想|要|是.*想要)"
    "|看(?:起来|上去)像|(?:听|看|都)?(?:明白|清楚|懂|记住)了(?:吗|没有?)$"
    "|不是.{1,20}吗$|(?:没|别|不(?![错同少过久断好客]))(?!.?[不没])[^，,的]{1,15}吗$|(?:不是|对|是|行|好|懂|明白|不对)吗$|(?:对不对|是不是)$|吧$"
)
"""Under a question mark: expects no answer, or only to be confirmed."""
_RHETORICAL_WITHOUT_MARK_ZH: Final = re.compile(
    "难道|岂不|何必|何苦|[，,](?:是|对|没错)吧$|[，,](?:不是|对|是|好|行)吗$|[，,](?:对不对|是不是|好不好|行不行)$"
)
_WH_ZH: Final = "什么|怎么|怎样|为何|谁|哪|多少|几[点个位岁天号次年月时层楼]|多[久远大高长重]"
# The word order of a statement under a question mark, "你要走了？", asks for a confirmation.
_DECLARATIVE_ZH: Final = re.compile(
    rf"^(?:这么说|那么说|看来|原来|也就是说|所以)?[，,]?(?:[我你您他她它咱这那]|大家)(?!.*(?:[吗呢么嘛]|{_WH_ZH}|还是|(.)[不没]\1|没有$)).{{2,}}"
)
_ASKING_ZH: Final = re.compile(
    r"吗$|么$|^(?:请问|为什么|为何|怎么(?!也|都)|谁(?![都也])|哪里(?![都也])|哪儿(?![都也])|什么时候|多少)|(?<![时动])([^\W\d_，])[不没]\1|(?:了|过|到|好|完)没有?$"
    "|(?:什么|怎么样|哪里|哪儿|多少|几点|谁|怎么办)呢?$"
    f"|(?:{_WH_ZH}).*呢$|(?<![没不])多少(?!都|有|会|能|算)|(?:什么时候|为什么|在哪|去哪|(?<!没)多[久远]|几[点岁号])(?!.*[都也])"
    "|^[你您].*还是"
)
# Whoever says that somebody knows or tells it does not ask; nor who says that it does not matter.
_MENTIONING_ZH: Final = re.compile(
    "知道|不知|不确定|不明白|不懂|不记得|好奇|猜|决定|考虑|讨论|研究|无论|不管|看|取决|(?<!请)问|告诉|忘|清楚|随"
)
_NOT_ASKING_ZH: Final = re.compile("取决|什么的$|没什么|那么$|这么$|无所谓")
_EXCLAIMING_ZH: Final = re.compile(
    "^(?:哇|天哪|天啊|哎呀|我的天)|太.{1,8}(?:了|啦)$|多么|(?:真|好|多|可|真是|这么|那么).{1,12}(?:啊|呀|啦|哇)$|极了$"
    "|^真(?:是|的是)?(?![正相实理话心人皮诚]|的(?!是)|有|要|不是)[^，]{1,6}$"
)
_COMMANDS_ZH: Final = words_of("commands.zh", "commands")
_ANYWHERE_ZH: Final = words_of("commands.zh", "anywhere")
_OPENINGS_ZH: Final = words_of("commands.zh", "openings")
_NOT_AFTER_ZH: Final = words_of("commands.zh", "not after")
_TELLING_ZH: Final = words_of("commands.zh", "telling")
_PROPOSING_ZH: Final = words_of("commands.zh", "proposing")


# Commands by their form. A clause with one of these in front and nobody who does it tells someone to do it.
_NOBODY_ZH: Final = "(?!.*[我他她它])"
_COMMAND_CLAUSE_ZH: Final = re.compile(
    "(?:请|劳驾)?(?:"
    "别(?![人的处墅扭名具离])|不(?:要|用|必|许|准)(?:担心|客气|紧张|着急|害怕|怕|再|忘|动|碰|说|笑|哭|走|急|谢)"
    "|[把将](?![我他她它])|(?:给|帮|替|陪|跟|听|让|等|看着|相信|告诉)我(?!们)"
    r"|([问看想试说听猜等聊找谈算查读摸尝闻练讲歇坐走])\1(?![地的])|([^一])一\2"
    "|[^我你您他她它咱这那了，,]{1,3}一下(?!子)"
    "|深?呼吸|(?:向|往|朝|沿着|顺着|从|在)[^，,]{1,10}(?:[左右]转|拐弯|直走|往前走|加|倒|放|走|看|数到)"
    "|[左右]转|直走|(?:快|慢|轻|早|小心|小声|大声|安静|认真|冷静|老实|当心)一?点儿?$|用[^，,]{1,12}[把将拧拆擦切盖洗压]"
    f"|(?:{'|'.join(sorted(word for word in _COMMANDS_ZH if len(word) > 1))})(?![了的到着过是])"
    ")"
)
_OPENING_ZH: Final = re.compile(
    "(?:那么?|好|嗯|喂|哎|现在|永远|马上|立刻|首?先|然后|接着|最后|大家|各位|你们?|您|都|就|快|再)+"
)
_OBLIGING_ZH: Final = re.compile(
    f"^{_NOBODY_ZH}(?!.*(?:我们|咱们)).*(?:一定|务必|千万|必须|记得|切记)(?:要|得|不要|别|先)"
)
_AFTERWARDS_ZH: Final = re.compile(
    "(?:了|后|时候|前|先|再|就|快)(?:(?:给|帮|替|告诉|等|叫)我(?!们)|(?<=[前后])[把将])(?!.*了$)"
)
_BEFORE_CLAUSE_ZH: Final = re.compile(
    "^(?:(?:如果|要是|只要|万一|假如|有).*|.*(?:的时候|的话|以后|之后|以前|之前|[后前时])|(?:你好|好|来|嗯|喂|行|首先|然后|接着|现在|那么?)"
    "|(?![我你您他她它这那]).{2,4}|.*(?:们|先生|女士|小姐|老师))$"
)
_PROPOSAL_ZH: Final = re.compile(
    "^(?!.*(?:大概|可能|也许|或许|应该|恐怕|估计|好像|差不多|[他她它]|^[这那]|^[好算行是对]))[^，,]{1,8}吧$"
)
_SIMPLE_CONDITION_ZH: Final = re.compile(f"^{_NOBODY_ZH}(?!.*(?:[你您]|会|能|可以)).{{2,6}}了就[^了会是]+$")


def _mandarin(body: str, words: Sequence[str], asked: bool, shouted: bool) -> SentenceType:
    rhetorical = _RHETORICAL_ZH.search(body) is not None and not body.startswith("请问")
    if asked:
        return "rhetorical" if rhetorical or _DECLARATIVE_ZH.match(body) else "question"
    if _RHETORICAL_WITHOUT_MARK_ZH.search(body):
        return "rhetorical"
    if _is_command_zh(body, words) or _has_form_of_command(body):
        return "command"
    if not shouted and _asks_zh(body):
        return "rhetorical" if rhetorical else "question"
    return "exclamation" if shouted or _EXCLAIMING_ZH.search(body) else "statement"


def _asks_zh(body: str) -> bool:
    """Whether a sentence without its mark asks."""
    found = _ASKING_ZH.search(body)
    if found is None or _NOT_ASKING_ZH.search(body):
        return False
    before = re.split("[，,]", body[: found.start()])[-1]
    return body.endswith("吗") or not _MENTIONING_ZH.search(before)


def _is_command_zh(body: str, words: Sequence[str]) -> bool:
    for i, word in enumerate(words):
        if word in _ANYWHERE_ZH and (i == 0 or words[i - 1] not in _NOT_AFTER_ZH):
            return True
    if re.search("(?:的时候|以后|之后|的话)[，,]", body):
        return False  # the command, if it is one, comes later
    start = next((i for i, word in enumerate(words) if word not in _OPENINGS_ZH), 0)
    following = words[start + 1] if start + 1 < len(words) else ""
    if words[start] + following in _COMMANDS_ZH or (words[start] in _COMMANDS_ZH and following not in _TELLING_ZH):
        return True
    return body.endswith("吧") and words[start] in _PROPOSING_ZH


def _has_form_of_command(body: str) -> bool:
    """Whether the first clause that is no condition and calls nobody tells someone to do something."""
    if (
        _OBLIGING_ZH.match(body)
        or _AFTERWARDS_ZH.search(body)
        or _PROPOSAL_ZH.match(body)
        or _SIMPLE_CONDITION_ZH.match(body)
    ):
        return True
    for clause in re.split("[，,：:]", body):
        opening = _OPENING_ZH.match(clause)
        if _COMMAND_CLAUSE_ZH.match(clause) or (opening and _COMMAND_CLAUSE_ZH.match(clause, opening.end())):
            return True
        if not _BEFORE_CLAUSE_ZH.match(clause):
            return False
    return False
