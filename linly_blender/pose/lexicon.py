"""Words whose meaning people show with the head: no, but, maybe, hello. English and Mandarin only."""

from typing import Final, Literal

Meaning = Literal["negation", "contrast", "doubt", "greeting", "agreement", "all"]

_ENGLISH: Final[dict[Meaning, str]] = {
    "negation": "no not never nobody nothing none nowhere neither nor cannot can't don't doesn't didn't isn't aren't "
    "wasn't weren't won't wouldn't shouldn't couldn't haven't hasn't hadn't without",
    "contrast": "but however although though yet instead otherwise still despite whereas",
    "doubt": "maybe perhaps possibly probably might somehow unsure seems apparently guess",
    "greeting": "hello hi hey welcome goodbye bye thanks thank greetings morning",
    "agreement": "yes yeah exactly indeed absolutely certainly sure definitely okay ok",
    "all": "all every everyone everything everybody always whole entire both",
}
_MANDARIN: Final[dict[Meaning, str]] = {
    "negation": "不 没 没有 不是 不会 不能 不要 不用 不行 不再 不需要 别 无 从不 从来不 并不 绝不 没人 毫无",
    "contrast": "但 但是 可是 不过 然而 却 而是 反而 虽然 尽管",
    "doubt": "也许 可能 大概 或许 好像 似乎 恐怕 说不定",
    "greeting": "你好 您好 大家好 早上好 晚上好 下午好 欢迎 再见 谢谢 感谢",
    "agreement": "是的 对 好的 当然 没错 的确 确实 行 一定",
    "all": "所有 每 每个 全部 都 大家 整个 一切",
}
_MEANINGS: Final[dict[str, Meaning]] = {
    word: meaning for table in (_ENGLISH, _MANDARIN) for meaning, words in table.items() for word in words.split()
}


def meaning_of(word: str) -> Meaning | None:
    """What a word asks of the head, if anything."""
    return _MEANINGS.get(word.casefold().replace("’", "'"))
