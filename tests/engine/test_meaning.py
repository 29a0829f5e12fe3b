"""What the rules make of sentences: their type, their emotion and the words that carry them."""

from pathlib import Path

import numpy as np
import pytest

from linly_blender.language.meaning import Meaning, RuleTagger, Said
from linly_blender.language.words import words
from linly_blender.measure.sentences import TEXTS
from linly_blender.score import SentenceType

HELSINKI = Path(__file__).parents[3] / "shared" / "data" / "helsinki_prosody" / "dev.txt"
GOEMOTIONS = Path(__file__).parents[3] / "shared" / "data" / "goemotions_ekman" / "dev.tsv"


def said(text: str, emoji: str = "") -> Said:
    language = "cmn" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en-us"
    return Said(text, language, tuple(words(text, language)), emoji)


def tag(*texts: str, emoji: str = "") -> Meaning:
    *history, last = texts
    return RuleTagger().tag(said(last, emoji), [said(text) for text in history])


def emphasised(*texts: str) -> list[str]:
    sentence = said(texts[-1])
    levels = tag(*texts).emphasis
    return [sentence.text[a:b] for (a, b), level in zip(sentence.words, levels, strict=True) if level >= 0.5]


TYPES: dict[SentenceType, tuple[str, ...]] = {
    "question": (
        "Where are you going?",
        "Can you help me, please?",
        "do you know what time it is",
        "What's your name",
        "Would you like tea, okay?",
        "How are you?",
        "What happens if it is too cold?",
        "Have you eaten?",
        "你们周末营业吗？",
        "你叫什么名字？",
        "请问洗手间在哪里？",
        "你能帮我吗",
        "他是不是病了",
        "现在几点了？",
    ),
    "rhetorical": (
        "Are you sure?",
        "It's a nice day, isn't it?",
        "You like it, right?",
        "Who cares?",
        "Really?",
        "You're leaving already?",
        "Isn't it beautiful?",
        "You didn't tell her, did you?",
        "What's the point of it?",
        "So what?",
        "How could you do this to me?",
        "Is that so?",
        "你确定吗？",
        "不是吗？",
        "难道你不知道吗？",
        "对吧？",
        "这不是很好吗？",
        "谁在乎？",
        "真的吗？",
        "你是新来的吧？",
        "何必呢？",
        "怎么可能？",
    ),
    "command": (
        "Please sit down.",
        "Don't touch that!",
        "Come here!",
        "Let's go!",
        "If you need help, call me.",
        "Be careful.",
        "Do not enter.",
        "John, put that down.",
        "Take your time.",
        "Stop!",
        "Just do it.",
        "Listen to me!",
        "And now, turn left.",
        "2. Open the door.",
        "请坐。",
        "别担心。",
        "快跑！",
        "不要碰那个！",
        "请跟我来。",
        "小心！",
        "等一下。",
        "我们走吧。",
        "有问题请联系我们。",
        "给我站住！",
    ),
    "exclamation": (
        "What a beautiful day!",
        "I can't believe it!",
        "Wow!",
        "We won the game!",
        "How lovely!",
        "What a mess.",
        "太好了！",
        "真是太美了！",
        "天哪！",
        "今天天气真好啊！",
        "太棒了。",
        "生日快乐！",
    ),
    "statement": (
        "We open at nine.",
        "Work is hard.",
        "I see.",
        "Look, I told you.",
        "Thank you for calling.",
        "Love is blind.",
        "What you need is love.",
        "When I came home, she was gone.",
        "I do not think so.",
        "Help is on its way.",
        "我们周末正常营业。",
        "我知道他是谁。",
        "我不知道他来不来。",
        "我请你吃饭。",
        "他来了。",
        "看起来不错。",
        "没什么。",
        "无论你去哪里，我都在。",
    ),
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in TYPES.items() for text in texts])
def test_type(kind: SentenceType, text: str) -> None:
    assert tag(text).type == kind


@pytest.mark.parametrize(
    ("emotion", "text"),
    [
        ("happy", "I love this lovely garden."),
        ("happy", "见到你我很高兴。"),
        ("sad", "She died, and I cried for days."),
        ("sad", "他很伤心，哭了一夜。"),
        ("sad", "I am not happy."),
        ("sad", "我不开心。"),
        ("angry", "How dare you, this is outrageous!"),
        ("angry", "你太过分了，我很生气！"),
        ("excited", "I can't wait, this is so exciting!"),
        ("excited", "太棒了，我们赢了！"),
        ("concerned", "I'm worried about you."),
        ("concerned", "对不起，我很担心你。"),
        ("surprised", "Wow, I had no idea."),
        ("surprised", "天哪，我真没想到！"),
        ("surprised", "You did what?!"),
        ("fearful", "I'm scared, this house is creepy."),
        ("fearful", "我很害怕，救命！"),
        ("neutral", "The train leaves at nine."),
        ("neutral", "火车九点出发。"),
        ("neutral", "Don't worry, she is not angry."),
        ("neutral", "别担心，这没什么问题。"),
    ],
)
def test_emotion(emotion: str, text: str) -> None:
    meaning = tag(text)
    assert meaning.emotion == emotion
    assert (meaning.intensity == 0) == (emotion == "neutral")
    assert 0 <= meaning.intensity <= 1


def test_an_emoji_tells_the_emotion() -> None:
    assert tag("See you tomorrow.", emoji="😢").emotion == "sad"
    assert tag("明天见。", emoji="🎉").emotion == "excited"


def test_intensity_follows_the_words_before() -> None:
    slightly, plain, very = (tag(f"I am {how} sad.").intensity for how in ("a little", "often", "very"))
    assert slightly < plain < very


@pytest.mark.parametrize("language", ["en", "zh"])
def test_most_presentation_is_neutral(language: str) -> None:
    texts = [text.replace("*", "") for paragraph in TEXTS[language] for text in paragraph]
    strengths = [tag(text).intensity for text in texts]
    assert np.mean([strength == 0 for strength in strengths]) >= 0.9
    assert max(strengths) <= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your patience.",
        "Welcome to the customer service hotline.",
        "The team is happy to help you.",
        "There is a problem with the printer on the third floor.",
        "Do you have enough space on your phone?",
        "The system fails when the disk is full.",
        "Enter your password and press the blue button.",
        "The bad weather will continue until Friday.",
        "The lost property office is next to platform four.",
        "The committee finally agreed on the budget.",
        "The battle ended after the death of the king.",
        "欢迎致电客服热线。",
        "感谢您的耐心等待。",
        "请注意，列车即将进站。",
        "三楼的打印机有问题。",
        "磁盘满了系统就会失败。",
        "最好提前预订。",
        "他死于一九四九年。",
        "医院的大厅里有说明书。",
    ],
)
def test_information_is_neutral_or_mild(text: str) -> None:
    assert tag(text).intensity <= 0.4


@pytest.mark.parametrize(
    "text",
    [
        "I'm so happy to see you!",
        "We won!",
        "I miss you so much.",
        "She is dead.",
        "That's enough!",
        "Are you in trouble?",
        "我很喜欢！",
        "我们终于成功了！",
        "太累了，我真难过。",
        "你受伤了吗？",
    ],
)
def test_feeling_is_still_found(text: str) -> None:
    assert tag(text).intensity >= 0.4


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_minority_of_words_is_emphasised(language: str) -> None:
    levels = [tag(text.replace("*", "")).emphasis for paragraph in TEXTS[language] for text in paragraph]
    everything = np.concatenate(levels)
    assert 1 / 6 <= np.mean(everything >= 0.5) <= 1 / 4
    assert np.mean([max(level) >= 0.5 for level in levels if len(level) >= 3]) >= 0.95
    assert everything.min() >= 0
    assert everything.max() <= 1


def test_the_answer_of_the_article() -> None:
    answer = emphasised("你们周末营业吗？", "我们周末正常营业，营业时间为上午9点到晚上8点。")
    assert {"周末", "正常", "营业"} <= set(answer)
    assert len(answer) <= 4


def test_rules_of_emphasis() -> None:
    assert "Tuesday" in emphasised("It is not Monday but Tuesday that we meet.")
    assert "NEVER" in emphasised("I NEVER said that he took the money from the table.")
    assert "red" in emphasised("He wanted a car.", "He wanted a red car.")
    assert "car" not in emphasised("He wanted a car.", "He wanted a red car.")
    assert emphasised("It is in the box.") == ["box"]
    assert emphasised("What?") == ["What"]
    assert not {"the", "of", "的", "了"} & set(emphasised("The end of the story.") + emphasised("故事的结尾来了。"))


@pytest.mark.skipif(not HELSINKI.exists(), reason="the Helsinki prosody corpus is not beside the checkout")
def test_emphasis_is_where_readers_put_it() -> None:
    """Prominent words of read books score higher: area under the curve, and precision of the emphasised."""
    utterances: list[list[tuple[str, int]]] = []
    for line in HELSINKI.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if fields[0] == "<file>":
            utterances.append([])
        elif fields[1] != "NA":
            utterances[-1].append((fields[0], int(fields[1])))
    scores: list[float] = []
    labels: list[int] = []
    for utterance in utterances[::10]:
        text = " ".join(word for word, _ in utterance)
        sentence = said(text)
        levels = dict(zip((start for start, _ in sentence.words), tag(text).emphasis, strict=True))
        at = 0
        for word, label in utterance:
            if at in levels:
                scores.append(levels[at])
                labels.append(label)
            at += len(word) + 1
    score, prominent = np.array(scores), np.array(labels) >= 1
    rank = np.searchsorted(np.sort(score), score, "left") + np.searchsorted(np.sort(score), score, "right")
    area = ((rank[prominent].mean() + 1) / 2 - (prominent.sum() + 1) / 2) / (~prominent).sum()
    assert area >= 0.8
    assert prominent[score >= 0.5].mean() >= 0.8


@pytest.mark.skipif(not GOEMOTIONS.exists(), reason="the GoEmotions comments are not beside the checkout")
def test_joy_is_found_in_comments() -> None:
    found = right = joyful = 0
    for line in GOEMOTIONS.read_text(encoding="utf-8").splitlines()[::4]:
        text, labels, _ = line.split("\t")
        if not any(map(str.isalpha, text)):
            continue
        joy = "3" in labels.split(",")
        joyful += joy
        if tag(text).emotion in ("happy", "excited"):
            found += 1
            right += joy
    assert right / found >= 0.7
    assert right / joyful >= 0.5
