"""Statement, question, rhetorical question, exclamation or command: told by marks and by patterns of words."""

import re
from collections.abc import Sequence
from typing import Final

from ..score import SentenceType
from .lexicon import words_of

_TAIL: Final = re.compile(r"([.!?…。！？；;‽؟।]*)[\s\"'”’»」』）)\]】]*$")
_OPENING: Final = re.compile(r"^[\s\"'“‘«「『（(\[【—–-]+")


def sentence_type(text: str, words: Sequence[str], language: str) -> SentenceType:
    """The type of one sentence, given with its words."""
    text = _OPENING.sub("", text.strip())
    tail = _TAIL.search(text)
    marks = tail.group(1) if tail else ""
    body = text[: tail.start()] if tail else text
    asked = any(mark in marks for mark in "?？‽؟")
    shouted = any(mark in marks for mark in "!！")
    if language.startswith("en"):
        return _english(body.replace("’", "'"), [word.replace("’", "'") for word in words], marks, asked, shouted)
    if language in ("cmn", "yue", "hak"):
        return _mandarin(body, words, marks, asked, shouted)
    return "question" if asked else "exclamation" if shouted else "statement"


_AUXILIARY: Final = (
    "is|are|am|was|were|do|does|did|have|has|had|can|could|will|would|shall|should|may|might|must"
    "|isn't|aren't|wasn't|weren't|don't|doesn't|didn't|haven't|hasn't|hadn't|can't|couldn't|won't|wouldn't|shouldn't|ain't"
)
_SUBJECT: Final = (
    "i|you|he|she|it|we|they|this|that|these|those|there|anyone|anybody|someone|somebody|everyone|everybody"
)
_FILLER: Final = (
    r"(?:(?:and|but|so|well|oh|ok|okay|now|hey|wait|then|yes|no|um|hmm|sorry|please|excuse me|tell me),? )*"
)
_TAG_QUESTION: Final = re.compile(
    rf"""(?:
      (?:^|[\s,])(?:isn|aren|wasn|weren|don|doesn|didn|haven|hasn|hadn|can|couldn|won|wouldn|shouldn|mustn|ain)'t
        \s(?:it|he|she|they|we|you|i|that|there)
    | ,\s(?:is|are|was|were|do|does|did|have|has|had|can|could|will|would|should|am)\s(?:it|he|she|they|we|you|i|there)
    | (?:^|,\s|\s)(?:right|correct|huh|eh|innit)
    | ,\s(?:ok|okay|yeah|yes|no|true|alright|all\sright|you\sknow|you\ssee|or\snot|don't\syou\sthink)
    )$""",
    re.VERBOSE,
)
_RHETORICAL: Final = re.compile(
    rf"""^{_FILLER.replace(" ", "[ ]")}(?:
      (?:are[ ])?you[ ](?:really[ ]|quite[ ]|absolutely[ ]|so[ ])?(?:sure|certain|positive|serious|kidding|joking|crazy|mad|insane|nuts)\b
    | are[ ]you[ ]out[ ]of | (?:really|seriously|honestly|truly)$ | is[ ](?:that|it|this)[ ](?:so|right|true|correct|it|all|clear)$
    | who[ ](?:cares|knows|could[ ]blame|would[ ]have|wouldn't|doesn't|needs|asked[ ]you|says[ ]so|am[ ]i[ ]to|are[ ]you[ ]to)
    | why[ ](?:not|bother|me)\b | why[ ]should[ ](?:i|we)\b | what['s ]+(?:is[ ])?the[ ](?:point|use|harm|difference)\b | so[ ]what$
    | what[ ](?:else|more)[ ](?:can|could|do|is)\b | what[ ]could[ ]possibly\b | what[ ]did[ ]you[ ]expect\b
    | how[ ](?:should|would|could)[ ](?:i|we)[ ](?:know|not|ever)\b | how[ ](?:dare|could)[ ]you\b | how[ ]hard[ ]can\b
    | since[ ]when\b | do[ ](?:i|you[ ]think[ ]i|you[ ]really[ ]think|i[ ]look[ ]like)\b | do[ ]you[ ](?:see|understand|get[ ]it)$
    | (?:isn|aren|wasn|weren|don|doesn|didn|haven|hasn|hadn|wouldn|couldn|shouldn)'t[ ](?:it|he|she|they|we|you|i|that|this|there|those|these)\b
    | have[ ]you[ ](?:lost[ ]your|no[ ]shame) | you[ ]mean\b | you[ ]know[ ]what$ | guess[ ]what$ | got[ ]it$ | understood$ | what[ ]are[ ]the[ ]odds
    )""",
    re.VERBOSE,
)
# Word order of a statement under a question mark: "You're leaving?" asks for a confirmation.
_DECLARATIVE: Final = re.compile(
    rf"^{_FILLER}(?:so )?(?:i|you|he|she|it|we|they|this|that|there)(?:'re|'s|'ve|'ll|'d|'m| (?!{_AUXILIARY.split('|', 1)[0]}\b[^ ])\w)"
)
_ASKING: Final = re.compile(
    rf"^{_FILLER}(?:(?:who|what|where|when|why|how|which)(?: \w+)?(?:'s|'re| (?:{_AUXILIARY})) (?:{_SUBJECT}|your|my|the|our)\b"
    rf"|(?:who|what|where|why|how)(?:'s|'re| is| are| was| did| do| does) |(?:{_AUXILIARY}) (?:{_SUBJECT})\b(?!.*,))"
)
_EXCLAIMING: Final = re.compile(
    r"^(?:oh,? |wow,? |but |and )*(?:what an? [^,]+|how [a-z]+(?:ly|ful|ous|ing|ive|ic|nice|sad|odd|strange|cute|sweet|kind|rude)\b[^,]*"
    r"|wow|whoa|oh my god|oh my|hooray|hurray|ouch|yay|ugh|good grief|my goodness|congratulations)$"
)
_VERBS: Final = words_of("verbs.en", "verbs")
_PREDICATES: Final = words_of("verbs.en", "predicates")
_BEFORE_VERB: Final = re.compile(
    r"^(?:(?:please|now|then|so|and|but|just|ok|okay|first|next|finally|also|always|never|kindly|come on|well|hey|oh|yes|no|quick|quickly|everyone"
    r"|everybody|guys|look|listen|here|later|afterwards|simply|do),? )+"
)
_CLAUSE_BEFORE: Final = re.compile(
    r"^(?:if|when|whenever|once|before|after|until|unless|in case|to|for|while|from|by)\b[^,]+, "
)
_NAME_BEFORE: Final = re.compile(r"^[A-Z]\w+(?: [A-Z]\w+)?, ")


def _english(body: str, words: Sequence[str], marks: str, asked: bool, shouted: bool) -> SentenceType:
    low = re.sub(r"\s+", " ", body.lower()).strip()
    if asked:
        polite = low.startswith(("could you", "can you", "would you", "will you"))
        if not polite and (_TAG_QUESTION.search(low) or _RHETORICAL.match(low) or _DECLARATIVE.match(low)):
            return "rhetorical"
        return "question"
    if _is_command(body):
        return "command"
    if shouted or _EXCLAIMING.match(low):
        return "exclamation"
    if _ASKING.match(low):
        return "question"
    return "statement"


def _is_command(body: str) -> bool:
    named = _NAME_BEFORE.match(body)
    low = re.sub(r"\s+", " ", body.lower()).strip()
    starts = [low, low[named.end() :]] if named else [low]
    clause = _CLAUSE_BEFORE.match(low)
    if clause:
        starts.append(low[clause.end() :])
    return any(_starts_command(start) for start in starts)


def _starts_command(low: str) -> bool:
    if low.startswith(("let's ", "let us ")):
        return True
    lead = _BEFORE_VERB.match(low)
    rest = low[lead.end() :] if lead else low
    if rest.startswith(("don't ", "do not ")):
        return re.match(r"do(?:n't| not) (?:i|you|we|they|know|think|care|want|like|need)\b", rest) is None or bool(
            re.match(r"don't (?:you|think|want) ", rest) and "!" in rest
        )
    words = re.findall(r"[\w']+", rest)[:3]
    if not words or words[0] not in _VERBS:
        return False
    second = words[1] if len(words) > 1 else ""
    if second in _PREDICATES or (words[0] == "be" and not second):
        return False
    noun = re.match(r"\w+s? (?:of|is|are|was|were)\b", rest)
    after = rest[len(words[0]) : len(words[0]) + 1]
    if after == "," and words[0] in ("look", "listen", "see", "say"):
        return False
    return noun is None


_RHETORICAL_ZH: Final = re.compile(
    "难道|岂|何必|何苦|何尝|何不|怎么可能|怎么会|怎么能|怎么敢|谁不|谁知道|谁在乎|谁管|谁稀罕|谁会|哪有|哪里有|哪能|哪会|凭什么|至于吗|还用说|还用问|有什么用|有什么意义"
    "|你确定|您确定|确定吗|真的吗|真的假的|你是说|你的意思是|你说呢|不就是|不是.{1,20}吗$|不是吗$|没错吧$|对吧$|对吗$|是吧$|是吗$|行吗$|好吗$|好吧$|对不对$|是不是$|不对吗$|懂吗$|明白吗$"
    "|吧$|开玩笑吧|什么关系$|又怎样$|那又怎么样$"
)
_ASKING_ZH: Final = re.compile(
    "吗$|么$|^(?:请问|为什么|为何|怎么|谁|哪里|哪儿|什么时候|多少)|[能会要想有在可]不[能会要想有在可]|是不是|有没有|(?:什么|怎么样|哪里|哪儿|多少|几点|谁|怎么办|呢)呢?$"
)
_NOT_ASKING_ZH: Final = re.compile("知道|无论|不管|看看|看|取决|问|告诉|什么的$|没什么|忘|清楚|随")
_COMMAND_ZH: Final = frozenset(
    "请 别 不要 不许 不准 快 快点 赶快 赶紧 让 让我们 给我 务必 千万 记得 记住 注意 小心 当心 停 停下 站住 滚 等等 等一下 等一等 听着 看着 禁止 严禁 闭嘴 住手 住口 救命 帮我 帮帮我 安静"
    " 坐下 坐 站起来 过来 进来 出去 出来 回来 来 走 拿 放下 放开 松手 打开 关上 关掉 告诉 试试 试试看 想想 看看 听听 保持 点击 选择 按 输入 继续 开始 忘 忘掉 相信 加油 跟 跟我 拜托 麻烦 勿 切勿 请勿".split()
)
_PERSON_ZH: Final = frozenset(
    "我 你 您 他 她 它 我们 你们 他们 她们 咱们 谁 想 会 已 已经 被 没 没有 要 能 可以 邀 再".split()
)
_LEAD_ZH: Final = frozenset(
    "那 那么 好 来 嗯 喂 哎 现在 先 首先 然后 接下来 最后 所以 大家 各位 一定 就 都 也 你 你们 您 快".split()
)
_EXCLAIMING_ZH: Final = re.compile(
    "^(?:哇|天哪|天啊|哎呀|我的天|啊)|太.{1,8}(?:了|啦)$|多么|(?:真|好|真是|这么|那么).{1,12}(?:啊|呀|啦)$|极了$"
)


def _mandarin(body: str, words: Sequence[str], marks: str, asked: bool, shouted: bool) -> SentenceType:
    body = body.strip()
    if asked:
        return "rhetorical" if _RHETORICAL_ZH.search(body) and not body.startswith("请问") else "question"
    if _is_command_zh(body, words):
        return "command"
    if _ASKING_ZH.search(body) and not _NOT_ASKING_ZH.search(body) and not shouted:
        if _RHETORICAL_ZH.search(body):
            return "rhetorical"
        return "question"
    if shouted or _EXCLAIMING_ZH.search(body):
        return "exclamation"
    return "statement"


def _is_command_zh(body: str, words: Sequence[str]) -> bool:
    for i, word in enumerate(words):
        if word in ("请", "请勿", "切勿", "务必", "千万") and (i == 0 or words[i - 1] not in _PERSON_ZH):
            return True
    start = 0
    while start < len(words) - 1 and words[start] in _LEAD_ZH and words[start] not in ("来", "快"):
        start += 1
    if not words:
        return False
    first = words[start]
    if first in _COMMAND_ZH:
        return not (
            first in ("来", "走", "看", "快", "让", "开始", "选择", "相信", "想", "告诉")
            and len(words) > start + 1
            and words[start + 1] in ("了", "的", "到", "着", "过", "是", "人", "他", "她", "你", "自")
        )
    return body.endswith("吧") and first in ("我们", "咱们", "走", "去", "吃", "喝", "说", "休息")
