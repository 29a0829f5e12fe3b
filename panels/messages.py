"""What the engine tells the user, in Simplified Chinese.

The engine speaks English and knows no Blender. Its messages are known here by their templates, in which ``{}`` stands
for what varies; what stands in a gap is a message, or part of one, itself.
"""

import functools
import re
from typing import Final

_GAP: Final = "(.*?)"
_DEEPEST: Final = 4
"""Messages within messages."""

CHINESE: Final = {
    # Devices
    "There is no {}. Connect one, and check that the system's sound settings show it.": (
        "没有{0}。请连接一个，并确认系统的声音设置中能看到它。"
    ),
    "There is no {} {}. Choose the system's, or one of {}.": "没有名为 {1} 的{0}。请使用系统默认，或从中选择：{2}。",
    (
        "The {} {} cannot be opened ({}). Check that it is connected, that no other program keeps it to itself, and "
        "that the system's privacy settings let this program use it."
    ): "无法打开{0} {1}（{2}）。请确认它已连接、没有被其他程序独占，并且系统的隐私设置允许本程序使用它。",
    (
        "The package sounddevice, which reaches microphone and speaker, is missing. Reinstall the add-on, or outside "
        "Blender: pip install sounddevice."
    ): "缺少访问麦克风和扬声器的 sounddevice 包。请重新安装插件；在 Blender 之外请运行：pip install sounddevice。",
    "The system's library PortAudio is missing or cannot be loaded. {}": "系统缺少 PortAudio 库，或无法加载它。{0}",
    "Install it: on Debian and Ubuntu, sudo apt install libportaudio2; on Fedora, sudo dnf install portaudio.": (
        "请安装：Debian 和 Ubuntu 上运行 sudo apt install libportaudio2，Fedora 上运行 sudo dnf install portaudio。"
    ),
    "Reinstall the add-on, or outside Blender: pip install --force-reinstall sounddevice.": (
        "请重新安装插件；在 Blender 之外请运行：pip install --force-reinstall sounddevice。"
    ),
    "The microphone {} is gone. Connect it again, or choose another one; listening goes on by itself.": (
        "麦克风 {0} 已断开。请重新连接或另选一个，聆听会自动继续。"
    ),
    "The speaker {} is gone. Connect it again, or choose another one; the next sentence tries it again.": (
        "扬声器 {0} 已断开。请重新连接或另选一个，下一句话会再次尝试。"
    ),
    (
        "The microphone is silent. Check that it is not muted, here and in the system's sound settings, or choose "
        "another one."
    ): "麦克风没有声音。请确认它在此处和系统声音设置中都没有静音，或另选一个。",
    (
        "The microphone gives no sound. Check that it is plugged in and that no other program holds it, or choose "
        "another one."
    ): "收不到麦克风的声音。请确认它已插好、没有被其他程序占用，或另选一个。",
    "{} You can write instead.": "{0}也可以用文字输入。",
    (
        "The conversation has ended, but {} did not stop within {} seconds. It ends by itself; should it not, restart "
        "Blender."
    ): "对话已结束，但 {0} 未能在 {1} 秒内停止。它会自行结束；如果没有，请重新启动 Blender。",
    "A mirror says only what you say aloud. To write to the character, choose other answers.": (
        "镜像只会说你说出口的话。要用文字对角色说话，请选择其他回答方式。"
    ),
    (
        "The chosen fine-tuner hears whole recordings only, no voice that is still speaking. The head moves by rules "
        "alone."
    ): "所选的微调网络只能听完整的录音，不能听正在说的话。头部仅按规则运动。",
    (
        "The speaker does not play. Check that it is plugged in and that no other program holds it, or choose another "
        "one. The answer can be read in the transcript."
    ): "扬声器没有播放。请确认它已插好、没有被其他程序占用，或另选一个。可以在对话记录中阅读回答。",
    # The conversation
    (
        "{} failed ({}{}). The conversation goes on; if it happens again, choose another one in the settings."
    ): "{0}出错（{1}{2}）。对话会继续；如果再次发生，请在设置中另选一个。",
    (
        "{} has not answered for {} seconds. Say it again; if that does not help, restart the conversation or choose "
        "another one in the settings."
    ): "{0}在 {1} 秒内没有响应。请再说一遍；如果仍然不行，请重新开始对话，或在设置中另选一个。",
    "The answer was empty. Say it in other words, or choose something else that answers.": (
        "回答是空的。请换个说法，或另选一种回答方式。"
    ),
    "The conversation's process cannot be started ({}). Choose Thread in the add-on's preferences.": (
        "无法启动对话进程（{0}）。请在插件的偏好设置中选择“线程”。"
    ),
    "{} Press Start to go on: what was said is kept.": "{0}按“开始”即可继续：说过的话都已保留。",
    "The conversation's process has ended (exit status {}).": "对话进程已退出（退出状态 {0}）。",
    "A message for the conversation is too long. Say less at once.": "这段话太长。请一次少说一些。",
    "The conversation does not know the command {}.": "对话不认识命令 {0}。",
    "{} is not valid: kind {}, {} bytes.": "{0}无效：类型 {1}，{2} 字节。",
    "{} is not valid: a frame holds what is no number.": "{0}无效：有一帧包含非数字的值。",
    # Recording
    "A recording is running already. End it first.": "录制正在进行。请先结束它。",
    "Nothing is being recorded. Begin a recording first.": "没有正在进行的录制。请先开始录制。",
    "The disk of {} does not answer. What was recorded until now is kept.": (
        "{0} 所在的磁盘没有响应。此前录制的内容已保留。"
    ),
    "The disk of {} is too slow to record to. Choose a folder on another disk.": (
        "{0} 所在的磁盘太慢，无法录制。请选择其他磁盘上的文件夹。"
    ),
    "{} is there already. Choose another folder to record to.": "{0} 已经存在。请另选一个录制文件夹。",
    "A recording lasts {} hours at most: it has ended. Begin another.": "录制最长 {0} 小时，现已结束。请开始新的录制。",
    (
        "The recording in {} cannot go on: {}. What was recorded until now is kept. Make room on the disk, or choose "
        "another folder, and record again."
    ): "{0} 中的录制无法继续：{1}。此前录制的内容已保留。请腾出磁盘空间或另选文件夹，然后重新录制。",
    "The folder {} for takes cannot be made: {}.": "无法创建存放表演的文件夹 {0}：{1}。",
    "{} is not a recording. Choose the folder that one was made in.": "{0} 不是录制。请选择录制时所用的文件夹。",
    "{} was recorded by a newer version of this program. Update the program to read it.": (
        "{0} 由本程序的更新版本录制。请更新程序后再读取。"
    ),
    "Nothing was recorded in {} yet. Record again, and let it run for a moment.": (
        "{0} 中还没有录到内容。请重新录制，并让它运行片刻。"
    ),
    "{} is damaged: it contains values that no frame has.": "{0} 已损坏：其中有任何一帧都不会有的值。",
    "{} cannot be read: {}.": "无法读取 {0}：{1}。",
    "The scene the recording was made for is gone. The take lies in {}": "录制所属的场景已不存在。表演保存在 {0}",
    # Recognition
    "There is no recogniser {}. Choose {}.": "没有名为 {0} 的语音识别。请选择：{1}。",
    (
        "The built-in recogniser understands English only, not {}. Choose English, a model folder for sherpa-onnx, a "
        "transcription server, or none and type."
    ): "内置的语音识别只懂英语，不懂 {0}。请选择英语、sherpa-onnx 模型文件夹或转写服务器，或关闭识别并用文字输入。",
    (
        "The built-in recogniser needs the package pocketsphinx, which is not installed. Install the extension's zip "
        "for your platform, or run: pip install pocketsphinx. Windows on ARM has none: choose a model of sherpa-onnx "
        "or a server there."
    ): (
        "内置的语音识别需要 pocketsphinx 包，但它没有安装。请安装适合你的平台的扩展包，"
        "或运行：pip install pocketsphinx。ARM 版 Windows 没有此包：请选择 sherpa-onnx 模型或服务器。"
    ),
    "The built-in recogniser cannot start ({}). Install the extension again, or choose another one.": (
        "内置的语音识别无法启动（{0}）。请重新安装扩展，或另选一种识别。"
    ),
    "The built-in recogniser failed ({}). Say it again; should it happen again, start the conversation anew.": (
        "内置的语音识别出错（{0}）。请再说一遍；如果再次发生，请重新开始对话。"
    ),
    "The recogniser has been closed. Start the conversation again.": "语音识别已关闭。请重新开始对话。",
    "No recogniser is known that fits the folder {}: {}. Choose the folder of {}.": (
        "没有适合文件夹 {0} 的语音识别：{1}。请选择以下模型的文件夹：{2}。"
    ),
    "The folder {} holds a {} model, but its {} is missing. Unpack the whole download again.": (
        "文件夹 {0} 中有 {1} 模型，但缺少 {2}。请重新解压完整的下载文件。"
    ),
    "The {} model in {} cannot be loaded": "无法加载 {1} 中的 {0} 模型",
    "The recogniser failed": "语音识别出错",
    "{} ({}). Download the model again, or choose another.": "{0}（{1}）。请重新下载模型，或另选一个。",
    "The model folder {} cannot be opened: {}. Choose the folder that was unpacked.": (
        "无法打开模型文件夹 {0}：{1}。请选择解压得到的文件夹。"
    ),
    "There is no model (.onnx) in the folder {}. Choose the folder that holds the model's files itself.": (
        "文件夹 {0} 中没有模型（.onnx）。请选择直接包含模型文件的文件夹。"
    ),
    (
        "sherpa-onnx is not installed. Install the extension's zip for your platform, or run: pip install sherpa-onnx"
    ): "没有安装 sherpa-onnx。请安装适合你的平台的扩展包，或运行：pip install sherpa-onnx",
    # Voices
    "There is no voice {}. Choose {}.": "没有名为 {0} 的嗓音。请选择：{1}。",
    "The voice has been closed. Start the conversation again.": "嗓音已关闭。请重新开始对话。",
    "The Piper voice knows none of the sounds of this line. Choose another voice.": (
        "这个 Piper 嗓音不认识这句话中的任何音素。请另选一个嗓音。"
    ),
    "The description {} of the Piper voice {} is missing. Put both files into one folder.": (
        "缺少 Piper 嗓音 {1} 的描述文件 {0}。请将两个文件放在同一文件夹中。"
    ),
    "The Piper voice {} speaks {}, not {}. Choose a voice of that language, or espeak.": (
        "Piper 嗓音 {0} 说的是 {1}，不是 {2}。请选择该语言的嗓音，或使用 espeak。"
    ),
    "What the Piper voice {} says {}. Choose another voice.": "Piper 嗓音 {0} 合成的声音{1}。请另选一个嗓音。",
    "The Piper voice {} cannot say this ({}). Try a shorter sentence, or choose another voice.": (
        "Piper 嗓音 {0} 无法说出这句话（{1}）。请试试更短的句子，或另选一个嗓音。"
    ),
    (
        "No voice is known that fits the folder {}: {}. Choose the folder of a VITS, Matcha, Kokoro or Kitten voice "
        "made for sherpa-onnx."
    ): "没有适合文件夹 {0} 的嗓音：{1}。请选择为 sherpa-onnx 制作的 VITS、Matcha、Kokoro 或 Kitten 嗓音的文件夹。",
    "The file {} is cut short or of another voice. Unpack the whole download again.": (
        "文件 {0} 不完整，或属于其他嗓音。请重新解压完整的下载文件。"
    ),
    "The folder {} holds a {} voice, but its {} is missing. Unpack the whole download again{}": (
        "文件夹 {0} 中有 {1} 嗓音，但缺少 {2}。请重新解压完整的下载文件{3}"
    ),
    ", and put the vocoder (vocos or hifigan) into the same folder.": (
        "，并将声码器（vocos 或 hifigan）放在同一文件夹中。"
    ),
    "The {} voice in {} cannot be loaded": "无法加载 {1} 中的 {0} 嗓音",
    "The sherpa-onnx voice cannot say this": "sherpa-onnx 嗓音无法说出这句话",
    "What the sherpa-onnx voice says {}. Choose one that speaks {}.": (
        "sherpa-onnx 嗓音合成的声音{0}。请选择会说 {1} 的嗓音。"
    ),
    "holds values that are no numbers": "包含非数字的值",
    "has {} samples a second instead of {} to {}": "每秒有 {0} 个采样，而不是 {1} 到 {2} 个",
    "is empty": "是空的",
    "is longer than {} seconds": "长于 {0} 秒",
    "is a WAV file without sound": "是没有声音的 WAV 文件",
    "is {} instead of WAV": "是 {0}，而不是 WAV",
    "is a WAV file of {} channels with {} bits of kind {}, not of 16 bit PCM": (
        "是 {0} 声道、{1} 位、类型 {2} 的 WAV 文件，而不是 16 位 PCM"
    ),
    "speech in 16 bit WAV: it {}": "16 位 WAV 语音：它{0}",
    # Servers
    (
        "This is not the address of a server. It should look like http://localhost:8000/v1, with nothing before the "
        "name and no ? in it."
    ): "这不是服务器的地址。它应当形如 http://localhost:8000/v1，名称前没有其他内容，也不含问号。",
    (
        "The server {} is not on this machine, and Blender may not go online. Turn on Preferences > System > Network > "
        "Allow Online Access, or choose a server on this machine, such as http://localhost:8000/v1."
    ): (
        "服务器 {0} 不在本机上，而 Blender 不允许联网。请在“偏好设置 > 系统 > 网络”中启用“允许联网访问”，"
        "或选择本机上的服务器，例如 http://localhost:8000/v1。"
    ),
    "After the # of a server's address stand {}, with & between two of them, and nothing else.": (
        "服务器地址的 # 之后只能写 {0}，两项之间用 & 分隔。"
    ),
    "After the # of a language model's address only structured may stand.": (
        "语言模型地址的 # 之后只能写 structured。"
    ),
    "The key of the {} has characters that no key has. Copy it again, without anything around it.": (
        "{0}的密钥中有密钥不会有的字符。请重新复制，前后不要带其他内容。"
    ),
    "{} need the package httpx, which is not installed. Install the extension's zip for your platform, or run: pip install httpx": (  # noqa: E501
        "{0}需要 httpx 包，但它没有安装。请安装适合你的平台的扩展包，或运行：pip install httpx"
    ),
    "{} at {} cannot be reached. Start it, or check the address and, when it is elsewhere, the network.": (
        "无法连接 {1} 上的{0}。请启动它，或检查地址；如果它在别处，请检查网络。"
    ),
    "{} at {} broke off or does not speak HTTP ({}). Start it again.": (
        "{1} 上的{0}中断了连接，或不使用 HTTP（{2}）。请重新启动它。"
    ),
    (
        "{} at {} has not answered within {} seconds. Give it a smaller model or a faster machine, or look whether it "
        "hangs."
    ): "{1} 上的{0}在 {2} 秒内没有响应。请换用更小的模型或更快的电脑，或检查它是否卡住。",
    "{} at {} does not accept the key. Enter the key that belongs to this server.": (
        "{1} 上的{0}不接受此密钥。请输入属于该服务器的密钥。"
    ),
    "{} at {} {} ({}). Enter the key that belongs to this server.": "{1} 上的{0}{2}（{3}）。请输入属于该服务器的密钥。",
    "does not accept the key": "不接受此密钥",
    "wants a key": "需要密钥",
    (
        "{} at {} says that it is asked too often or that the account is used up. Wait a moment, or look at the "
        "account."
    ): "{1} 上的{0}表示请求过于频繁，或账户额度已用完。请稍等片刻，或查看账户。",
    (
        "{} at {} says that it is asked too often or that the account is used up (429). Try again {}, or look at the "
        "account."
    ): "{1} 上的{0}表示请求过于频繁，或账户额度已用完（429）。请{2}再试，或查看账户。",
    "in {} seconds": "在 {0} 秒后",
    "in a moment": "稍后",
    "{} at {} has an error of its own ({}{}). Look at its output, or start it again.": (
        "{1} 上的{0}自身出错（{2}{3}）。请查看它的输出，或重新启动它。"
    ),
    "{} at {} has an error of its own ({}). Look at its output, or start it again.": (
        "{1} 上的{0}自身出错（{2}）。请查看它的输出，或重新启动它。"
    ),
    "{} at {} sends us to another address ({}), which is not followed. Enter that address.": (
        "{1} 上的{0}要求转到另一个地址（{2}），本程序不会跟随。请输入那个地址。"
    ),
    "{} at {} sends us to another address ({}), which is not followed. Enter that one.": (
        "{1} 上的{0}要求转到另一个地址（{2}），本程序不会跟随。请输入那个地址。"
    ),
    (
        "{} at {} knows no such address or model ({}{}). Check the address, which mostly ends in /v1, and the model's "
        "name."
    ): "{1} 上的{0}没有这个地址或模型（{2}{3}）。请检查地址（通常以 /v1 结尾）和模型名称。",
    (
        "{} at {} knows no such address or model ({}). Check the address, which mostly ends in /v1, and the name of "
        "the model, {}."
    ): "{1} 上的{0}没有这个地址或模型（{2}）。请检查地址（通常以 /v1 结尾）和模型名称 {3}。",
    "{} at {} does not accept what it was asked ({}{}). Check the model's name.": (
        "{1} 上的{0}不接受该请求（{2}{3}）。请检查模型名称。"
    ),
    "{} at {} does not accept what it was asked ({}). Try another model.": (
        "{1} 上的{0}不接受该请求（{2}）。请试试其他模型。"
    ),
    "{} at {} sends something that is not {}. Check that the address is of a {}.": (
        "{1} 上的{0}返回的不是 {2}。请确认该地址属于{3}。"
    ),
    "{} at {} sends more than {} MB and was cut off. Check that the address is of a {}.": (
        "{1} 上的{0}返回超过 {2} MB，已被中断。请确认该地址属于{3}。"
    ),
    (
        "{} at {} has not begun to answer within {} seconds. It may still be loading the model: try again, or choose a "
        "smaller one."
    ): "{1} 上的{0}在 {2} 秒内没有开始回答。它可能还在加载模型：请再试一次，或选择更小的模型。",
    "{} at {} has stopped in the middle of its answer for {} seconds. Ask again, or start it again.": (
        "{1} 上的{0}在回答中途停顿了 {2} 秒。请再问一次，或重新启动它。"
    ),
    "{} at {} does not come to an end. Ask again, or choose another model.": (
        "{1} 上的{0}的回答没有结束。请再问一次，或另选模型。"
    ),
    "{} at {} has answered with nothing. Ask again, or choose another model.": (
        "{1} 上的{0}的回答是空的。请再问一次，或另选模型。"
    ),
    "{} at {} has several models: {}. Choose one of them.": "{1} 上的{0}有多个模型：{2}。请选择其中一个。",
    "{} at {} has no model {}. Choose one of: {}.": "{1} 上的{0}没有模型 {2}。请从中选择：{3}。",
    "{} at {} cannot be given this key: it has characters that no key has. Copy it again.": (
        "无法将此密钥交给 {1} 上的{0}：其中有密钥不会有的字符。请重新复制。"
    ),
    "{} at {} {}. Look at its output, and check that the address is of a chat server.": (
        "{1} 上的{0}{2}。请查看它的输出，并确认该地址属于聊天服务器。"
    ),
    "sends a packed answer that was not asked for": "返回了未被要求的压缩内容",
    "sends an answer of more than {} KB": "返回的回答超过 {0} KB",
    "sends a line of more than {} KB": "返回了超过 {0} KB 的一行",
    "sends what is not text in UTF-8": "返回的不是 UTF-8 文本",
    "sends JSON that is no chat answer": "返回的 JSON 不是聊天回答",
    "sends JSON that cannot be read": "返回了无法读取的 JSON",
    "has broken off with an error of its own": "因自身错误而中断",
    # Questions and answers
    (
        "The responder has to be echo, faq:FILE with a file of questions and answers, or llm:URL with the address of a "
        "language model's server, such as llm:http://localhost:11434/v1."
    ): "回答方式必须是 echo、带问答文件的 faq:FILE，或带语言模型服务器地址的 llm:URL，例如 llm:http://localhost:11434/v1。",
    "There is no file {}. Choose a file of questions and answers.": "没有文件 {0}。请选择问答文件。",
    "{} has no questions and answers. Write for example {}": "{0} 中没有问答。例如可以写：{1}",
    "{} is larger than {} MB. Split it into smaller files.": "{0} 大于 {1} MB。请拆分为较小的文件。",
    "{}, line {}: {}.": "{0}，第 {1} 行：{2}。",
    "it is not text. Save it as UTF-8 text": "它不是文本。请保存为 UTF-8 文本",
    "it is not in UTF-8. Save it as UTF-8": "它不是 UTF-8 编码。请保存为 UTF-8",
    "there are more than {} questions. Split the file": "问题超过 {0} 个。请拆分文件",
    "in the answer: {}": "在回答中：{0}",
    "an answer without a question. Write the question above it, after Q:": "有回答而没有问题。请在上方的 Q: 之后写问题",
    "a question without an answer. Write the answer below it, after A:": "有问题而没有回答。请在下方的 A: 之后写回答",
    "text before the first question. Begin questions with Q: and answers with A:": (
        "第一个问题之前有文字。问题请以 Q: 开头，回答请以 A: 开头"
    ),
    "a row needs a question and an answer, separated by {}": "每行需要一个问题和一个回答，用 {0} 分隔",
    "it cannot be read as CSV ({})": "无法作为 CSV 读取（{0}）",
    "the {} is empty": "{0}是空的",
    "the {} is longer than {} characters": "{0}长于 {1} 个字符",
    # What is not chosen
    "Write the code of the language, such as de, or choose another language.": (
        "请填写语言代码，例如 de，或选择其他语言。"
    ),
    "Choose where the answers come from: the file or the address is missing.": "请选择回答的来源：缺少文件或地址。",
    "Choose what understands your voice: the folder or the address is missing.": (
        "请选择用什么识别你的语音：缺少文件夹或地址。"
    ),
    "Choose what the character speaks with: the file, the folder or the address is missing.": (
        "请选择角色用什么说话：缺少文件、文件夹或地址。"
    ),
    # The character
    "Nothing of '{}' can be moved. {}": "“{0}”没有可以活动的部分。{1}",
    "'{}' no longer has shape keys. Start again.": "“{0}”不再有形态键。请重新开始。",
    "'{}' no longer has the shape key '{}'. Start again.": "“{0}”不再有形态键“{1}”。请重新开始。",
    "The armature '{}' no longer has the bone '{}'. Start again.": "骨架“{0}”不再有骨骼“{1}”。请重新开始。",
    "The object '{}' is gone or has another name. Choose the character again.": (
        "物体“{0}”已不存在或已改名。请重新选择角色。"
    ),
    "'{}' no longer has the shape key '{}'. Choose the character again.": ("“{0}”不再有形态键“{1}”。请重新选择角色。"),
    (
        "None of the shape keys of '{}' has a name that says what of a face it moves (there are {}). Name them as "
        "ARKit (jawOpen, eyeBlinkLeft), VRM (aa, blink), MMD or visemes are named, or in plain words (mouth open)."
    ): (
        "从“{0}”的形态键名称看不出它们控制面部的什么（现有 {1}）。请按 ARKit（jawOpen、eyeBlinkLeft）、"
        "VRM（aa、blink）、MMD 或口型的名称命名，或使用直白的词语（mouth open）。"
    ),
    "No mesh has these shapes: {}.": "没有网格具有这些形态：{0}。",
    "Others stand in for these shapes: {}.": "这些形态由其他形态代替：{0}。",
    "Nothing opens the mouth: add a shape key such as jawOpen, or a bone named jaw in the head.": (
        "没有什么能张开嘴：请添加 jawOpen 之类的形态键，或在头部添加名为 jaw 的骨骼。"
    ),
    "Found by their places alone, so see whether they move rightly: {}.": (
        "仅凭位置找到，请检查它们的动作是否正确：{0}。"
    ),
    "Keys of '{}' that say the same; only the better named one is driven: {}.": (
        "“{0}”中含义相同的形态键，只驱动名称更准确的一个：{1}。"
    ),
    "'{}' cannot show {} in the range of its slider. Set its Range {}.": (
        "“{0}”在其滑块范围内无法表现 {1}。请将其范围设为 {2}。"
    ),
    "Min below 0": "最小值小于 0",
    "Max above 0": "最大值大于 0",
    "Both '{}' and '{}' of '{}' may be {}.": "“{2}”的“{0}”和“{1}”都可能是 {3}。",
    "The face of '{}' cannot be moved. {}": "“{0}”的面部无法活动。{1}",
    "Left out of the poses, because the performance moves it already: the bone '{}'.": (
        "骨骼“{0}”不参与姿态，因为表演已经在控制它。"
    ),
    "It does not move all the way, being connected to its parent, locked or driven: '{}'.": (
        "“{0}”无法完全移动，因为它与父级相连、已锁定或由驱动器控制。"
    ),
    "Its scale is left alone, being locked or driven: the bone '{}'.": (
        "骨骼“{0}”的缩放保持不变，因为它已锁定或由驱动器控制。"
    ),
    "The eyes stay still: what they look at is locked, driven or connected: {}.": (
        "眼睛保持不动：其注视目标已锁定、由驱动器控制或与父级相连：{0}。"
    ),
    "Left and right are mirrored in the names of {}. Swap the sides of the mapping if that is not meant.": (
        "{0} 的名称左右颠倒。如非有意，请交换映射的左右两侧。"
    ),
    "The other side moves with {}. Swap the sides of the mapping if that is not meant.": (
        "{0} 活动的是另一侧。如非有意，请交换映射的左右两侧。"
    ),
    (
        "Others share the shape keys of '{}' and move with it: {}. To give them their own, use Object > Relations > "
        "Make Single User > Object & Data."
    ): "其他物体与“{0}”共用形态键并随之活动：{1}。若要各自独立，请使用 物体 > 关系 > 使其为单一用户 > 物体与数据。",
    "'{}' no longer has the bone '{}'. Choose the character again.": "“{0}”不再有骨骼“{1}”。请重新选择角色。",
    "The object '{}' is in no scene. Choose the character again.": "物体“{0}”不在任何场景中。请重新选择角色。",
    "What was set is kept with '{}'; with the next change '{}' takes it over.": (
        "设置保存在“{0}”上；下次更改时将由“{1}”接管。"
    ),
    "Found under other names: {}.": "以其他名称找到：{0}。",
    "The mapping names what is gone: {}. Map it anew.": "映射所指的部分已不存在：{0}。请重新映射。",
    "The bones of these recorded poses are gone: {}. Record them anew.": (
        "这些已录制姿态的骨骼已不存在：{0}。请重新录制。"
    ),
    "These bones were chosen by hand and are gone: {}. Choose others.": "手动选择的骨骼已不存在：{0}。请另选。",
    "'{}', chosen as {}, does not carry the head. Choose a bone below it.": (
        "选作{1}的“{0}”并不承载头部。请选择头部下方的骨骼。"
    ),
    "'{}' was chosen for one eye and no other was found. Choose both.": (
        "已为一只眼睛选择“{0}”，但没有找到另一只。请选择两只。"
    ),
    "'{}' cannot be both eyes, so what was found is used. Choose two bones.": (
        "“{0}”不能同时作为两只眼睛，因此使用检测到的骨骼。请选择两根骨骼。"
    ),
    "Left alone, because its rotation {}: the bone '{}'.": "骨骼“{1}”保持不变，因为它的旋转{0}。",
    "is locked (N panel > Item > the padlocks)": "已锁定（N 面板 > 条目 > 锁形图标）",
    "is moved by a driver": "由驱动器控制",
    "'{}' is a {}, not a character. Choose the head's mesh or its armature.": (
        "“{0}”是 {1}，不是角色。请选择头部的网格或骨架。"
    ),
    "No mesh follows the armature '{}'. Give the head an Armature modifier first.": (
        "没有网格跟随骨架“{0}”。请先给头部添加骨架修改器。"
    ),
    (
        "'{}' has no shape keys and no bone named jaw that moves it. To talk, a face needs shape keys such as jawOpen "
        "and eyeBlinkLeft, or a jaw bone in its head."
    ): (
        "“{0}”没有形态键，也没有名为 jaw 且带动它的骨骼。要说话，面部需要 jawOpen、eyeBlinkLeft 之类的形态键，"
        "或头部有下颌骨骼。"
    ),
    (
        "{} is linked from another file and cannot be animated here. Make a library override of the whole character "
        "first (Object > Library Override > Make), its mesh data included."
    ): "{0}链接自其他文件，无法在此制作动画。请先为整个角色（包括网格数据）创建库重写（物体 > 库重写 > 创建）。",
    (
        "'{}' is animated. The animation is shown while it plays, and the conversation between; no key is changed."
    ): "“{0}”带有动画。播放时显示动画，其余时间显示对话；不会更改任何关键帧。",
    "'{}' has no head bone: the head does not turn.": "“{0}”没有头部骨骼：头部不会转动。",
    "There is no armature: the head does not turn.": "没有骨架：头部不会转动。",
    "Left alone, because drivers move them: {} of '{}'.": "保持不变，因为由驱动器控制：“{1}”的 {0}。",
    "The head turns but does not move: its bones are connected to their parents or locked.": (
        "头部会转动但不会移动：它的骨骼与父级相连或已锁定。"
    ),
    "Left alone, because '{}' above it has a constraint: the bone '{}'.": (
        "骨骼“{1}”保持不变，因为其上级“{0}”带有约束。"
    ),
    # The character's setup
    "takes off what would hold the mouth open": "减去会使嘴张开的部分",
    "as {} names it": "依照 {0} 的命名",
    "as {} names it, some of its keys missing": "依照 {0} 的命名，缺少部分形态键",
    "by the visemes of {}": "由 {0} 的口型表现",
    "by the bone '{}'": "由骨骼“{0}”表现",
    "by {} bones": "由 {0} 根骨骼表现",
    "against a jaw opened by the bone '{}'": "对应由骨骼“{0}”张开的下颌",
    "against a jaw opened by {} bones": "对应由 {0} 根骨骼张开的下颌",
    "{}, against a jaw opened by the bone '{}'": "{0}，对应由骨骼“{1}”张开的下颌",
    "{}, against a jaw opened by {} bones": "{0}，对应由 {1} 根骨骼张开的下颌",
    "{}, with the bone '{}'": "{0}，并由骨骼“{1}”配合",
    "by the eyes' bones": "由眼部骨骼表现",
    "by what the eyes look at": "由注视目标表现",
    "by the pose recorded for it": "由为它录制的姿态表现",
    "as set by hand": "手动设置",
    "chosen by hand": "手动选择",
    "its name says {}": "名称表明是 {0}",
    "its name says that the eyes look at it": "名称表明是双眼注视之处",
    "the middle of the character is highest there": "角色中线在此最高",
    "between chest and head": "位于胸与头之间",
    "in the middle of the head, pointing forward and down": "位于头部中间，指向前下方",
    "the arms leave from it": "双臂由此伸出",
    "a pair in front of the head, pointing forward": "头部前方成对、指向前方",
    "'{}' has no shape key '{}'. Choose another, or detect the character again.": (
        "“{0}”没有形态键“{1}”。请另选一个，或重新检测角色。"
    ),
    "A gain of {} is too large; the most is {}.": "增益 {0} 过大，最大为 {1}。",
    "'{}' has no counterpart of '{}' on the other side. Set the two sides one by one.": (
        "“{0}”在另一侧没有与“{1}”对应的形态键。请逐侧设置。"
    ),
    "A channel moves at most {} keys. Remove one first.": "一个通道最多驱动 {0} 个形态键。请先移除一个。",
    "There are several characters: {}. Select one of them, then press again.": (
        "有多个角色：{0}。请只选择其中一个，再按一次。"
    ),
    (
        "'{}' only shows the collection '{}', and nothing in it can be animated here. Make it real (Object > Apply > "
        "Make Instances Real) or a library override of it first."
    ): "“{0}”只是显示集合“{1}”，其中的内容无法在此制作动画。请先使实例独立（物体 > 应用 > 使实例独立）或创建库重写。",
    (
        "Nothing that is selected belongs to a character. Select the head's mesh, the armature, or an object of the "
        "same collection, then press again."
    ): "所选物体不属于任何角色。请选择头部网格、骨架或同一集合中的物体，再按一次。",
    "The pose {} has none beside it on the other side. Record that too, or set one side.": (
        "姿态 {0} 在另一侧没有对应的姿态。请也录制另一侧，或只设置一侧。"
    ),
    "No bone is away from its rest. Pose the face first, then press again.": (
        "没有骨骼偏离静置状态。请先摆好面部姿态，再按一次。"
    ),
    "No bone is selected. Select the bones of the pose in Pose Mode, or take all of them.": (
        "没有选择骨骼。请在姿态模式下选择组成姿态的骨骼，或取用全部骨骼。"
    ),
    "'{}' has no armature, so that there are no bones to pose.": "“{0}”没有骨架，因此没有可摆姿态的骨骼。",
    "No selected bone is posed. Select others, or turn off Selected Bones Only.": (
        "所选骨骼均未摆姿态。请另选骨骼，或关闭“仅所选骨骼”。"
    ),
    (
        "Nothing of the face is posed, only of the body: {}. If that is meant, select it and turn on Selected Bones "
        "Only."
    ): "面部没有摆姿态，只有身体摆了：{0}。如确实需要，请选择这些骨骼并打开“仅所选骨骼”。",
    "The performance itself moves all that is posed: {}. Pose other bones.": (
        "摆了姿态的骨骼都由表演本身控制：{0}。请为其他骨骼摆姿态。"
    ),
    "Choose an action first.": "请先选择一个动作。",
    "The action '{}' poses no bone of '{}' at frame {}. Choose another action or frame.": (
        "动作“{0}”在第 {2} 帧没有为“{1}”的骨骼摆姿态。请另选动作或帧。"
    ),
    "Nothing of {} is on '{}': it was saved for {}. Load it on a character of the same make.": (
        "“{1}”上没有 {0} 中的任何部分：它是为 {2} 保存的。请加载到同类角色上。"
    ),
    "{} is not a setup of a character. Choose a .json file that was saved as one.": (
        "{0} 不是角色设置。请选择保存为角色设置的 .json 文件。"
    ),
    # Recordings in Blender
    "A performance is being made. Wait for it or cancel it.": "正在生成表演，请等待或取消。",
    "After that change words would overlap. Move the words around it first.": (
        "更改之后词语会重叠。请先移动其周围的词语。"
    ),
    "Nobody speaks in the recording. Choose another one, or mark by hand what is said.": (
        "录音中没有人说话。请另选录音，或手动标出所说的话。"
    ),
    "{} The mouth moves by phones alone.": "{0}嘴部仅按音素运动。",
    "{} The head moves by rules alone.": "{0}头部仅按规则运动。",
    "The model {} cannot be used: it does not exist. Check the path.": "无法使用模型 {0}：它不存在。请检查路径。",
    "The sound has {} samples a second; a voice needs {} at least.": "声音每秒只有 {0} 个采样；语音至少需要 {1} 个。",
    "The model {} cannot be used: {}": "无法使用模型 {0}：{1}",
    (
        "How the strip '{}' is retimed cannot be found out, because this Blender writes no WAV files. "
        "Take its retiming keys away, or use Blender as blender.org has it."
    ): "无法得知片段“{0}”如何变速，因为这个 Blender 不能写入 WAV 文件。请删除其变速关键帧，或使用官方的 Blender。",
    "This is not the recording whose words are listed. Perform it first.": "这不是所列词语的录音。请先表演它。",
    "The recording {} cannot be read: {}. Put it back, or choose it where it is now.": (
        "无法读取录音 {0}：{1}。请把它放回原处，或选择它现在的位置。"
    ),
    "The recording {} is gone. Put it back, or choose it where it is now.": (
        "录音 {0} 已不存在。请把它放回原处，或选择它现在的位置。"
    ),
    "Write what is said in the recording, or choose to have it recognised.": "请写下录音中说的话，或选择识别。",
    "Choose what finds out the words: the folder or the address is missing.": (
        "请选择识别词语的方式：缺少文件夹或地址。"
    ),
    (
        "The strip '{}', which the take follows, is gone from the sequencer. "
        "Undo that, or choose another strip and bake again."
    ): "表演所跟随的片段“{0}”已不在序列编辑器中。请撤销，或选择其他片段并重新烘焙。",
    "The strip '{}' was moved, trimmed or retimed: press Sync to Strip.": (
        "片段“{0}”已被移动、修剪或变速：请按“与片段同步”。"
    ),
    "No take on '{}' follows a strip. Bake a recording that is a strip of the sequencer.": (
        "“{0}”上没有跟随片段的表演。请烘焙序列编辑器中某个片段的录音。"
    ),
    "Nothing is known of the recording yet. Perform it first.": "对录音还一无所知。请先表演它。",
    "The markers are of other words than these. Mark the words anew.": "这些标记属于其他词语。请重新标记词语。",
    # Recordings
    "There is no file {}. Check the path.": "没有文件 {0}。请检查路径。",
    "{} cannot be read ({}). Check its permissions.": "无法读取 {0}（{1}）。请检查其权限。",
    (
        "{} has no sound that can be read. Choose a WAV, FLAC, OGG or MP3 file or a video with a sound track, or "
        "export it again."
    ): "{0} 中没有可读取的声音。请选择 WAV、FLAC、OGG 或 MP3 文件，或带音轨的视频，或重新导出。",
    "PyAV, which reads sound files, is missing. Install it: pip install av.": (
        "缺少读取声音文件的 PyAV。请安装：pip install av。"
    ),
    "The part of {} from {} s to {} is empty. Choose a begin of 0 or more, and an end after it.": (
        "{0} 从 {1} 秒到 {2} 的部分是空的。请选择不小于 0 的开头，以及其后的结尾。"
    ),
    "{} ends at {} s, before the part that begins at {} s. Choose an earlier begin.": (
        "{0} 在 {1} 秒处结束，早于从 {2} 秒开始的部分。请选择更早的开头。"
    ),
    (
        "{} has {} channels at {} samples a second, which no recording of a voice has. Export it as WAV with 48000 "
        "samples a second."
    ): "{0} 有 {1} 个声道、每秒 {2} 个采样，不像是人声录音。请导出为每秒 48000 个采样的 WAV。",
    "{} is longer than {} hours. Cut it into parts, or choose a part by its begin and end.": (
        "{0} 超过 {1} 小时。请将其分段，或用开头和结尾选择其中一段。"
    ),
    "{} needs {} MB in {} while it is decoded. Make room, or export it as WAV or FLAC.": (
        "解码 {0} 时需要在 {2} 中有 {1} MB 空间。请腾出空间，或将其导出为 WAV 或 FLAC。"
    ),
    "{} is too short ({}). Choose a recording of at least {} s.": "{0} 太短（{1}）。请选择至少 {2} 秒的录音。",
    "{} had a constant offset of {} %, which was taken out. Check the microphone's cable and interface.": (
        "{0} 有 {1} % 的直流偏移，已去除。请检查麦克风的线缆和接口。"
    ),
    "{} contains values that are no numbers; they were made silent. Export it again.": (
        "{0} 含有非数字的值，这些位置已设为静音。请重新导出。"
    ),
    "{} has {} sound tracks; the first one is used. Export another one as WAV to use that.": (
        "{0} 有 {1} 条音轨，使用第一条。如需其他音轨，请将其导出为 WAV。"
    ),
    "{} is damaged at {} places, which were left out. Check the movement there, or export it again.": (
        "{0} 有 {1} 处损坏，已略去。请检查这些位置的动作，或重新导出。"
    ),
    "{} leaves out {} s of its sound, which stay silent. Check the movement there, or export it again.": (
        "{0} 缺少 {1} 秒声音，这些位置为静音。请检查这些位置的动作，或重新导出。"
    ),
    "{} is not complete: {} of {} s are there, and used. Copy or export it again to have the rest.": (
        "{0} 不完整：{2} 秒中有 {1} 秒可用，已使用。如需其余部分，请重新复制或导出。"
    ),
    (
        "Nobody is heard speaking in the recording: it is noise or music. Choose another one, or the part of it in "
        "which somebody speaks."
    ): "录音中听不到有人说话：只有噪声或音乐。请另选录音，或选择其中有人说话的部分。",
    "{} is silent. Choose another recording, or check which channel or track has the voice.": (
        "{0} 没有声音。请另选录音，或检查人声在哪个声道或音轨。"
    ),
    (
        "{} is clipped at {} places: it was recorded too loud. Check lips and emphasis there, or record it again at a "
        "lower level."
    ): "{0} 有 {1} 处削波：录音电平过高。请检查这些位置的口型和重音，或降低电平重新录制。",
    (
        "{} has nothing above 4 kHz, like a telephone: s, f and th are hard to tell apart. Use the original, if there "
        "is one, or give the text."
    ): "{0} 像电话录音一样没有 4 kHz 以上的声音：s、f 和 th 难以分辨。如有原始录音请使用它，或提供文本。",
    (
        "Noise or music in {} is nearly as loud as the voice. Use the voice's own track, if there is one, or give the "
        "text."
    ): "{0} 中的噪声或音乐几乎与人声一样响。如有单独的人声音轨请使用它，或提供文本。",
    "There is no sound strip '{}' in the scene '{}'. Choose one of the sequencer.": (
        "场景“{1}”中没有声音片段“{0}”。请从序列编辑器中选择一个。"
    ),
    "The strip '{}' has lost its sound. Choose another strip, or give it one.": (
        "片段“{0}”已丢失其声音。请另选片段，或为它指定声音。"
    ),
    "Nothing of the strip '{}' is heard. Check its trim, and that of its meta strip.": (
        "片段“{0}”没有可听到的部分。请检查它及其元片段的修剪。"
    ),
    "The movie strip '{}' is retimed or in a meta strip. Choose the sound strip beside it.": (
        "影片片段“{0}”已重定时或位于元片段中。请选择它旁边的声音片段。"
    ),
    # Performing
    "The text is empty: write what the character is to say.": "文本是空的：请写下角色要说的话。",
    "There is nothing to say in the text: it has only punctuation, emoji or tags. Write at least one word.": (
        "文本中没有可说的内容：只有标点、表情符号或标签。请至少写一个词。"
    ),
    (
        "The text has {} characters and the limit is {} (more than an hour of speech): split it into several scripts."
    ): "文本有 {0} 个字符，上限是 {1} 个（超过一小时的语音）：请拆分为多个脚本。",
    "The text was not read rightly at {} ({}). Save the script as UTF-8 and try again.": (
        "文本在 {0} 处未能正确读取（{1}）。请将脚本保存为 UTF-8 后重试。"
    ),
    "The text has {} ({}) at {}. Remove it: no voice can say it.": (
        "文本在 {2} 处有 {0}（{1}）。请删除：没有嗓音能说出它。"
    ),
    "There is no tag {} ({}).{} Emotions: {}; gestures: {}; and pause. {}.": (
        "没有标签 {0}（{1}）。{2}情绪：{3}；动作：{4}；以及 pause。{5}。"
    ),
    "The tag {} at {} is not closed: end it with ], or {}.": "{1} 处的标签 {0} 没有结束：请以 ] 结尾，或{2}。",
    "The asterisk at {} has no partner on its line: write *word*, or {}.": (
        "{0} 处的星号在该行没有配对：请写作 *word*，或{1}。"
    ),
    "The bracket ] at {} closes nothing: open it with [, or {}.": "{0} 处的括号 ] 没有对应的 [：请补上，或{1}。",
    "There is no voice for the language {}. Choose auto, en, zh or a code that espeak-ng knows, such as fr or pt-br.": (
        "没有语言 {0} 的嗓音。请选择 auto、en、zh，或 espeak-ng 支持的代码，例如 fr 或 pt-br。"
    ),
    "There is no voice {}. Choose one of espeak-ng's variants: {} ...": (
        "没有嗓音 {0}。请选择 espeak-ng 的变体之一：{1} ..."
    ),
    "The {} voice has no sound for {}. Choose another language or spell it out.": (
        "{0} 嗓音无法读出 {1}。请选择其他语言，或写出读法。"
    ),
    "There is nothing to say: write at least one word.": "没有可说的内容：请至少写一个词。",
    "There is no style {}. Choose one of: {}, the path of a .json file, or two of these: lively+serious:0.3.": (
        "没有风格 {0}。请选择其中之一：{1}，或 .json 文件的路径，或两者混合：lively+serious:0.3。"
    ),
    "There is no region {}. Choose one of: {}, or the path of a .json file.": (
        "没有地区 {0}。请选择其中之一：{1}，或 .json 文件的路径。"
    ),
    # Words in the gaps
    "{} and {} more": "{0} 等（另有 {1} 个）",
    "microphone": "麦克风",
    "speaker": "扬声器",
    "question": "问题",
    "answer": "回答",
    "speech server": "语音服务器",
    "transcription server": "转写服务器",
    "The speech server": "语音服务器",
    "The transcription server": "转写服务器",
    "The server": "服务器",
    "Servers": "服务器",
    "The microphone": "麦克风",
    "The speaker": "扬声器",
    "The recognition of speech": "语音识别",
    "The voice": "嗓音",
    "The language model's server": "语言模型服务器",
    "What thinks of the answer": "回答",
    "The performance": "表演",
    "The recording": "录制",
    "The settings": "设置",
    "a transcription": "转写结果",
    # What is heard in recordings: notes, edits and files
    "No words are known, so the mouth follows the sound alone. Give the text, or choose a recogniser.": (
        "没有已知的词，嘴型只跟随声音。请提供文本，或选择语音识别。"
    ),
    (
        "The text is not what is said in the recording, so the mouth follows the sound alone. Check that text and "
        "recording belong together, and that the language is right."
    ): "文本与录音内容不符，嘴型只跟随声音。请确认文本与录音对应，并且语言正确。",
    (
        "Hardly a word was understood, so the mouth follows the sound alone. Give the text, or choose another "
        "recogniser or language."
    ): "几乎没有识别出词，嘴型只跟随声音。请提供文本，或另选语音识别或语言。",
    "Nothing was recognised: {} The mouth follows the sound alone.": "没有识别出任何内容：{0}嘴型只跟随声音。",
    "What is said at {} was not recognised: {} The mouth follows the sound alone there.": (
        "{0} 处的话没有识别出来：{1}该处嘴型只跟随声音。"
    ),
    (
        "{} % of what is said rests on its words; at {} the mouth follows the sound alone. Correct what is said there "
        "to have it exact."
    ): "所说内容的 {0}% 依据词语；在 {1} 嘴型只跟随声音。如需精确，请更正该处的词。",
    "Not heard in the recording: {}. Check the text there.": "录音中没有听到：{0}。请检查文本的这些地方。",
    "The text has {} characters and the limit is {}: cut the recording into parts, and the text as well.": (
        "文本有 {0} 个字符，上限为 {1}：请将录音和文本都分成几段。"
    ),
    "The boundary cannot be at {} s: nothing would be left of what is there. Move the next boundary first.": (
        "边界不能放在 {0} 秒处：那里的内容会消失。请先移动相邻的边界。"
    ),
    "There is a line already. Choose a stretch between two lines, or change that one.": (
        "这里已经有一句话。请选择两句之间的一段，或修改那一句。"
    ),
    "Nothing is heard there. Choose another stretch, or delete the line.": "这里听不到声音。请另选一段，或删除这一句。",
    "A line cannot begin there: nothing would be heard in one of the two. Choose another word.": (
        "不能从这里另起一句：其中一句会没有声音。请另选一个词。"
    ),
    "There is no line after this one to join it with.": "后面没有可以合并的句子。",
    "There is no {} {}: there are {}. Choose one that is there.": "没有第 {1} 个{0}，一共 {2} 个。请选择存在的一个。",
    "line": "句子",
    "word": "词",
    "phone": "音素",
    "{} s is not from {} to {} s. Choose a time within the recording.": (
        "{0} 秒不在 {1} 到 {2} 秒之间。请选择录音之内的时间。"
    ),
    '"{}" is not heard in the recording. Have the line say what is said.': (
        "录音中没有听到“{0}”。请让这一句写成实际所说的内容。"
    ),
    (
        "{} was made of a recording of {} s, and this one lasts {} s. Choose the file that belongs to this recording, "
        "or analyse it."
    ): "{0} 属于一段 {1} 秒的录音，而这一段长 {2} 秒。请选择属于这段录音的文件，或重新分析。",
    "{} is not the analysis of a recording. Choose a .json file that was saved as one.": (
        "{0} 不是录音的分析。请选择作为分析保存的 .json 文件。"
    ),
    "{} is not valid: {} has {} entries; {} are allowed.": "{0}无效：{1} 有 {2} 项，最多允许 {3} 项。",
    "{} is not a TextGrid. Choose a file that was saved by Praat or by a forced aligner.": (
        "{0} 不是 TextGrid。请选择由 Praat 或强制对齐工具保存的文件。"
    ),
    "{} is not a valid TextGrid: in line {} {}.": "{0} 不是有效的 TextGrid：第 {1} 行{2}。",
    "there should be a number": "应为数字",
    "there should be a text": "应为文本",
    "there should be a flag": "应为标记",
    "there should be a tier of intervals or points": "应为区间层或点层",
    "the number should be from {} to {}": "的数字应在 {0} 到 {1} 之间",
    "the text should have at most {} characters": "的文本最多 {0} 个字符",
    "{} has no tier of lines, words or phones, only: {}. Name the tiers so in Praat.": (
        "{0} 中没有名为 lines、words 或 phones 的层，只有：{1}。请在 Praat 中这样命名。"
    ),
    (
        "{} is not a text file in UTF-8 or UTF-16 (byte {}). In Praat choose Text writing preferences > UTF-8, and "
        "save it again."
    ): "{0} 不是 UTF-8 或 UTF-16 文本文件（第 {1} 字节）。请在 Praat 中选用 UTF-8 后重新保存。",
    "{} is cut short: copy or save it again.": "{0} 不完整：请重新复制或保存。",
    "{} is too big ({} characters) to be what it should be.": ("{0} 太大（{1} 个字符），不可能是所需的文件。"),
    "{} is too big ({} bytes) to be what it should be.": ("{0} 太大（{1} 字节），不可能是所需的文件。"),
    "{} is not valid: {} should be {}, but is {}.": ("{0}无效：{1} 应为 {2}，实际是 {3}。"),
    "{} is not valid: {} has no {}.": ("{0}无效：{1} 中没有 {2}。"),
    "{} is not a text file in UTF-8 (byte {}).": ("{0} 不是 UTF-8 文本文件（第 {1} 字节）。"),
    "{} is cut short or not JSON (line {}, column {}: {}).": ("{0} 不完整，或不是 JSON（第 {1} 行第 {2} 列：{3}）。"),
    "{} holds JSON that cannot be read ({}).": ("{0} 中的 JSON 无法读取（{1}）。"),
    "{} was made by a newer version of this program ({} {}, this one knows {}). Update the program to read it.": (
        "{0} 由本程序的更新版本生成（{1} {2}，本版本只懂 {3}）。请更新程序后再读取。"
    ),
    "Cannot write {}: the name has to end in {}.": ("无法写入 {0}：文件名必须以 {1} 结尾。"),
    "Cannot write {}: it is a folder. Give the name of a file.": ("无法写入 {0}：它是文件夹。请给出文件名。"),
    "Cannot write {}: there is no folder {}. Make it first, or choose another.": (
        "无法写入 {0}：没有文件夹 {1}。请先建立它，或另选一个。"
    ),
    "Cannot write {}: {}.": ("无法写入 {0}：{1}。"),
}


def in_chinese(message: str) -> str:
    """A message of the engine's in Chinese; one that is not known here, and what no template names, stay as they are.

    >>> in_chinese("There is no microphone. Connect one, and check that the system's sound settings show it.")
    '没有麦克风。请连接一个，并确认系统的声音设置中能看到它。'
    """
    return _translated(message, _DEEPEST)


@functools.lru_cache(maxsize=200)
def _translated(message: str, depth: int) -> str:
    if depth == 0:
        return message
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(message)
        if found:
            return chinese.format(*(_translated(gap, depth - 1) for gap in found.groups()))
    return message


@functools.cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What says most comes first."""
    known = sorted(CHINESE.items(), key=lambda entry: -len(entry[0].replace("{}", "")))
    return tuple(
        (re.compile(_GAP.join(map(re.escape, english.split("{}"))), re.DOTALL), chinese) for english, chinese in known
    )
