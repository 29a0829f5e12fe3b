"""The lines on which each behaviour is shown and tested: what a meaning visibly does, in English and in Mandarin."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A row of the table of meanings."""

    title: str
    does: str
    """What is to be seen."""
    lines: dict[str, str]
    """``en`` and ``zh``."""
    sources: tuple[str, ...]
    """Why the planner makes the gestures that belong to it."""


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "question": Behaviour(
        "A question",
        "chin and brows rise towards its end; the eyes stay open while the answer is waited for",
        {
            "en": "Do you already have a card with us? [pause 1.5] Then take a seat.",
            "zh": "您已经办过借书证了吗？[pause 1.5] 那就请坐。",
        },
        ("question",),
    ),
    "confirming": Behaviour(
        "A confirming question",
        "one quick push forward, a rebound, a short hold",
        {"en": "Are you sure? It closes at nine.", "zh": "你确定吗？九点就关门了。"},
        ("rhetorical",),
    ),
    "emphasis": Behaviour(
        "A word marked with asterisks",
        "a decisive nod, its peak on the stressed syllable",
        {"en": "The shop opens at *nine* in the morning.", "zh": "这家商店早上*九点*开门。"},
        ("marked",),
    ),
    "ending": Behaviour(
        "A statement ends",
        "head and gaze come home calmly, and nothing goes on",
        {
            "en": "The river has its source in a small lake between two mountains.",
            "zh": "这条河发源于两座山之间的一个小湖。",
        },
        (),
    ),
    "greeting": Behaviour(
        "A greeting",
        "a small nod",
        {"en": "Hello, and welcome to the library.", "zh": "您好，欢迎来到图书馆。"},
        ("greeting",),
    ),
    "yes": Behaviour("Yes", "nods", {"en": "Yes, we are open today.", "zh": "是的，我们今天营业。"}, ("yes",)),
    "no": Behaviour("No", "shakes", {"en": "No, that is a different one.", "zh": "不，那是另外一个。"}, ("negation",)),
    "thinking": Behaviour(
        "Thinking",
        "the gaze goes away, up and aside, and comes back",
        {"en": "Hmm, let me see. It is on the second floor.", "zh": "嗯，让我想想。它在二楼。"},
        ("thinking",),
    ),
    "listing": Behaviour(
        "A list",
        "tilts from side to side",
        {"en": "You need flour, butter, salt and a spoon.", "zh": "你需要面粉，黄油，白糖和勺子。"},
        ("list",),
    ),
    "contrast": Behaviour(
        "But",
        "the head leans to one side, and crosses over to the other",
        {
            "en": "The first room is rather small, but the second one is wide and bright.",
            "zh": "第一个房间比较小，但是第二个房间又大又亮。",
        },
        ("contrast",),
    ),
    "complaint": Behaviour(
        "A complaint is answered",
        "the head is lowered a little, blinks are slow: I am listening",
        {
            "en": "I am very sorry about the delay. I understand, and we will send it today.",
            "zh": "非常抱歉让您久等了。我理解您的心情，我们今天就为您处理。",
        },
        ("listening", "apology"),
    ),
}
"""By a short name, in the order of the table."""

MOODS: Final[dict[str, str]] = {
    "en": "The letter from your sister came this morning. It was lying on the table by the window.",
    "zh": "你姐姐的信今天早上到了。它就放在窗边的桌子上。",
}
"""A line that can be said in any mood."""
MANNERS: Final[dict[str, str]] = {
    "en": "Good morning, and thank you for coming. Today we will look at how a *voice* is made, and why every voice is "
    "different.",
    "zh": "大家早上好，感谢各位的到来。今天我们来看一看*声音*是怎样产生的，为什么每个人的声音都不一样。",
}
"""A line that shows one style beside another."""
