"""The fixed text every figure is measured on: a few minutes of ordinary speech in English and in Mandarin.

Written for this project. Mostly neutral statements as a presenter, a clerk or a teacher would say them; some questions,
rhetorical and confirming questions, emphasis, lists, negations and greetings. All sounds of both languages occur.
"""

from typing import Final

ENGLISH: Final[tuple[tuple[str, ...], ...]] = (
    (
        "Good morning, and welcome to the public library.",
        "We open at nine on weekdays, and the reading room stays open until eight in the evening.",
        "Most people come for the books, but the quiet tables by the window are what they remember.",
        "If you need help, the desk on the left is the best place to ask.",
        "You can borrow up to twelve books at a time, and keep each of them for three weeks.",
        "Do you already have a card with us?",
    ),
    (
        "The last train leaves the central station at a quarter past eleven.",
        "It does not stop at the old harbour any more, because the platform is being repaired.",
        "Passengers for the northern line should change at the bridge and follow the yellow signs.",
        "Is that really the fastest way? Yes, it is, although the bus can be more comfortable.",
        "Please keep your ticket until you have left the station.",
    ),
    (
        "Bread is a very simple thing, made of flour, water, salt and time.",
        "The time is the part that nobody wants to give it.",
        "When the dough rests overnight, the flavour becomes deeper and the crust turns golden.",
        "Fold it gently, shape it into a ball, and leave it in a warm place for an hour.",
        "What happens if the oven is too cold? The loaf spreads before it can rise.",
        "I usually put a small bowl of hot water on the lower shelf.",
    ),
    (
        "The survey covered four hundred households in six different towns.",
        "About half of them said that they walk to work at least twice a week.",
        "The numbers for cycling were lower than we had expected, however, and they have not changed since spring.",
        "We should be careful with these figures, since very few young families took part.",
        "A larger study is planned for next year, and its results will be published in the summer.",
        "Who would have thought that a bench and a tree could make such a difference?",
    ),
    (
        "Thank you for calling about your washing machine.",
        "I can see that the order was sent on Tuesday, and it should reach you before the weekend.",
        "The driver will telephone you half an hour before he arrives.",
        "You are happy with the delivery address, aren't you?",
        "There is *nothing* more to pay, and the old machine can be collected on the same day.",
        "If anything is missing from the box, just call us again and we will send it.",
    ),
    (
        "The river has its source in a small lake between two mountains.",
        "For the first few miles it is so narrow that a child could jump across it.",
        "Further down, the valley grows wider and the water moves more slowly.",
        "Farmers have used this land for a thousand years, and *every* village has its own mill.",
        "In winter the lower fields are often flooded, but the houses stand safely on the hill.",
        "You can follow the whole path in three days, or choose the shorter walk along the shore.",
    ),
    (
        "Today we will look at how the human voice is made.",
        "Air from the lungs passes between two folds in the throat and makes them vibrate.",
        "The tongue, the jaw and the lips then shape that sound into vowels and consonants.",
        "Nobody thinks about these movements while speaking, and yet they are among the fastest we make.",
        "Try to say a long vowel, and slowly round your lips without moving your tongue.",
        "Can you hear how the colour of the sound changes?",
    ),
)
"""Paragraphs of sentences."""

MANDARIN: Final[tuple[tuple[str, ...], ...]] = (
    (
        "各位早上好，欢迎来到市图书馆。",
        "我们平时上午九点开门，阅览室一直开放到晚上八点。",
        "大多数人是来借书的，但是靠窗的座位往往最受欢迎。",
        "如果需要帮助，可以到左边的服务台询问。",
        "每位读者一次可以借十二本书，借期是三个星期。",
        "您已经办过借书证了吗？",
    ),
    (
        "末班车晚上十一点一刻从中央车站出发。",
        "因为站台正在维修，列车目前不在老码头停靠。",
        "前往北线的乘客请在大桥站换车，跟着黄色的指示牌走。",
        "这真的是最快的路线吗？是的，不过坐公共汽车会更舒服一些。",
        "出站以前，请保管好您的车票。",
    ),
    (
        "面包其实非常简单，只要面粉、水、盐和时间。",
        "而时间恰恰是大家最舍不得给的东西。",
        "面团放上一夜，味道会更加丰富，外皮也会变成金黄色。",
        "轻轻地把它折起来，揉成圆形，然后在温暖的地方放一个小时。",
        "如果烤箱不够热会怎么样？面包还没有长高就先塌下去了。",
        "我一般会在下面一层放一小碗热水。",
    ),
    (
        "这次调查一共访问了六个城市的四百户家庭。",
        "大约一半的人表示，他们每周至少有两天步行去上班。",
        "然而骑自行车的人数比预期的要少，而且从春天到现在没有变化。",
        "这些数字需要谨慎对待，因为参加调查的年轻家庭很少。",
        "明年还会有一次更大规模的研究，结果将在夏天公布。",
        "谁能想到，一张长椅和一棵树会带来这么大的改变呢？",
    ),
    (
        "感谢您来电咨询洗衣机的事情。",
        "我看到订单已经在星期二发出了，周末以前应该能送到。",
        "司机到达之前半个小时会给您打电话。",
        "您确定送货地址没有问题吗？",
        "您*不需要*再付任何费用，旧机器当天就可以取走。",
        "如果箱子里少了什么东西，再给我们打个电话就行。",
    ),
    (
        "这条河发源于两座山之间的一个小湖。",
        "刚开始的几公里非常窄，连小孩子都能跳过去。",
        "再往下走，山谷越来越宽，水流也慢了下来。",
        "农民在这片土地上生活了上千年，*每个*村子都有自己的磨坊。",
        "冬天低处的田地常常被水淹没，但是房子都安全地建在山坡上。",
        "整条路三天可以走完，也可以选择沿着岸边的短途路线。",
    ),
    (
        "今天我们来看一看人的声音是怎样产生的。",
        "空气从肺里出来，经过喉咙里的两片声带，使它们振动。",
        "接着，舌头、下巴和嘴唇把声音变成元音和辅音。",
        "说话的时候没有人会想到这些动作，可是它们几乎是人体最快的运动。",
        "请发一个长长的元音，然后慢慢把嘴唇变圆，舌头不要动。",
        "你能听出声音的颜色有什么变化吗？",
    ),
)
"""Paragraphs of sentences."""

TEXTS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {"en": ENGLISH, "zh": MANDARIN}


def script(language: str) -> str:
    """The whole text of ``en`` or ``zh`` as a script: a paragraph a line, an empty line (a longer pause) between."""
    joint = " " if language == "en" else ""
    return "\n\n".join(joint.join(paragraph) for paragraph in TEXTS[language]) + "\n"
