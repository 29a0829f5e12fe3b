"""The interface in Simplified Chinese. A test holds it complete."""

from typing import Final

CONTEXT: Final = "Linly"
"""Of what Blender would translate otherwise: its lines are straight."""
_CHINESE: Final = {
    # Panels
    "Talking Character": "会说话的角色",
    "Bake Options": "烘焙选项",
    "Key Reduction": "关键帧精简",
    "Movement": "动作",
    "Amount": "幅度",
    "File": "文件",
    "Largest Error": "最大误差",
    "What the character says": "角色要说的话",
    "Code": "代码",
    "Cancelling": "正在取消",
    "Stop": "停止",
    "Take: {seconds:.1f} s, {language}": "表演：{seconds:.1f} 秒，{language}",
    "Default": "默认",
    "Mixed Languages": "混合语言",
    "{sentences} sentences, {gestures} gestures": "{sentences} 个句子，{gestures} 个动作",
    "Changed since. Bake performs it again": "设置已更改，烘焙时将重新表演",
    "Fine-tuner: {name}": "微调器：{name}",
    "Recorded live. Bake uses it until you perform again": "实时录制。再次表演之前，烘焙将使用它",
    # What was found of the character
    "{convention}: {parts}": "{convention}：{parts}",
    ", ": "、",
    "Own names": "自有名称",
    "{own} of {all} shapes in 1 mesh": "1 个网格中有 {own}/{all} 个形态",
    "{own} of {all} shapes in {meshes} meshes": "{meshes} 个网格中有 {own}/{all} 个形态",
    "{count} by stand-ins": "{count} 个由其他形态代替",
    "no head bone": "没有头部骨骼",
    "head": "头",
    "neck": "颈",
    "{count} neck bones": "{count} 节颈骨",
    "chest": "胸",
    "jaw": "下颌",
    "2 eyes": "双眼",
    "eye target": "注视目标",
    "Nothing opens the mouth, so that it cannot speak": "没有什么能张开嘴，因此角色无法说话",
    "{count} missing": "缺少 {count} 个",
    "{count} to look at": "{count} 个需要查看",
    "nothing": "无",
    "eye bones": "眼部骨骼",
    "{own} of {all} shapes by bones": "{own}/{all} 个形态由骨骼表现",
    "{count} bones": "{count} 根骨骼",
    "Detect": "检测",
    "Find the character that the selected object belongs to: its meshes, what its shape keys mean, and its bones": (
        "查找所选物体所属的角色：它的网格、形态键的含义以及骨骼"
    ),
    # The character's setup
    "Active Channel": "活动通道",
    "Number of the channel that is shown below the list": "列表下方显示的通道的编号",
    "Show": "显示",
    "Which channels are listed": "列出哪些通道",
    "All": "全部",
    "Every channel": "所有通道",
    "To Check": "待查看",
    "Channels that others stand in for, or whose match is doubtful": "由其他形态代替或匹配存疑的通道",
    "Missing": "缺少",
    "Channels that nothing of the character shows": "角色没有任何部分能表现的通道",
    "Both Sides": "左右同步",
    "Change left and right alike, each with the keys of its own side": "左右同样修改，各用本侧的形态键",
    "Selected Bones Only": "仅所选骨骼",
    "Take the pose of the selected bones alone; else of every bone that goes with the head and is away from its rest": (
        "只取所选骨骼的姿态；否则取所有随头部而动且偏离静置状态的骨骼"
    ),
    "Gain": "增益",
    "How strongly the channel is taken: 1 is as performed": "通道的强度：1 为按表演原样",
    "Offset": "偏移",
    "What is added to the channel all the time": "始终加到通道上的值",
    "Invert": "反转",
    "Take the channel the other way round: 1 where it is 0": "将通道反过来：0 变为 1",
    "Clamp Min": "钳制最小",
    "The channel is never taken for less": "通道不会小于此值",
    "Clamp Max": "钳制最大",
    "The channel is never taken for more": "通道不会大于此值",
    "Max": "最大",
    "Weight": "权重",
    "What the channel adds to this at 1; below 0 it takes off": "通道为 1 时加到此项的值；小于 0 则为减去",
    "Head Bone": "头部骨骼",
    "Turns the head; empty for what was found": "转动头部；留空则使用检测到的骨骼",
    "Neck Bone": "颈部骨骼",
    "Helps the head to turn; empty for what was found": "协助头部转动；留空则使用检测到的骨骼",
    "Chest Bone": "胸部骨骼",
    "Breathes; empty for what was found": "随呼吸运动；留空则使用检测到的骨骼",
    "Jaw Bone": "下颌骨骼",
    "Opens the mouth where no shape key does; empty for what was found": (
        "在没有形态键张嘴时张开嘴；留空则使用检测到的骨骼"
    ),
    "Left Eye Bone": "左眼骨骼",
    "Turns the character's left eye; empty for what was found": "转动角色的左眼；留空则使用检测到的骨骼",
    "Right Eye Bone": "右眼骨骼",
    "Turns the character's right eye; empty for what was found": "转动角色的右眼；留空则使用检测到的骨骼",
    "Eye Target": "注视目标",
    "What both eyes look at; empty for what was found": "双眼注视的骨骼；留空则使用检测到的骨骼",
    "Chest": "胸部",
    "How much of the head's turn the chest makes": "头部转动中由胸部完成的比例",
    "Neck": "颈部",
    "How much of the head's turn the bones of the neck make between them": "头部转动中由颈部骨骼共同完成的比例",
    "Gaze by Head": "头部分担目光",
    "How much of the gaze the head makes in place of the eyes": "目光中由头部代替眼睛完成的比例",
    "Test Drive": "试用",
    "Show the channel alone on the character. Nothing is keyed; at 0 its pose comes back": (
        "在角色上单独显示此通道。不会插入关键帧；归零时恢复原来的姿态"
    ),
    "{channel} Moves": "{channel} 驱动",
    "{channel} (pose)": "{channel}（姿态）",
    "and {count} more": "以及另外 {count} 个",
    "pose": "姿态",
    "Strength and Limits": "强度与限制",
    "Pose of Bones": "骨骼姿态",
    "This Is {channel}": "这是 {channel}",
    "Bones": "骨骼",
    "Head's Turn by": "头部转动分担",
    "Rest, Sides, File": "静置、左右、文件",
    "Add Target": "添加目标",
    "Let the channel move another shape key or pose": "让通道再驱动一个形态键或姿态",
    "Remove Target": "移除目标",
    "Have the channel leave this alone": "让通道不再驱动此项",
    "As Detected": "恢复检测结果",
    "Have the channel move what was detected for it, as it is performed": "让通道按检测结果驱动，强度按表演原样",
    "All as Detected": "全部恢复检测结果",
    "Forget every change of the channels: targets, gains, limits and the rest expression. Poses and bones stay": (
        "撤除对通道的所有更改：目标、增益、限制和静置表情。姿态和骨骼保留"
    ),
    "Swap Sides": "交换左右",
    "Exchange left and right of all channels, for a character whose names are mirrored": (
        "交换所有通道的左右，用于名称左右颠倒的角色"
    ),
    "Left and right are exchanged": "左右已交换",
    "Keep as Rest": "当前设为静置",
    "Take the present values of the driven shape keys for the expression of the face at rest": (
        "将被驱动形态键的当前值作为面部静置时的表情"
    ),
    "{count} shape keys are not at 0 at rest": "静置时有 {count} 个形态键不为 0",
    "Clear Rest": "清除静置",
    "Have the face at rest with every shape key at 0": "让面部静置时所有形态键为 0",
    "This Is the Channel": "这就是该通道",
    (
        "Take the armature's present pose for the active channel at 1. Pose the face first; the body's pose is left out"
    ): "将骨架的当前姿态作为活动通道为 1 时的姿态。请先摆好面部；身体的姿态不取用",
    "{channel} is now a pose of {count} bones": "{channel} 现在是 {count} 根骨骼的姿态",
    "{channel} is now a pose of {count} bones, and {other} its mirror image": (
        "{channel} 现在是 {count} 根骨骼的姿态，{other} 是其镜像"
    ),
    (
        "{channel} is now a pose of {count} bones. Not mirrored for {other}, because the other side has no "
        "counterpart: {bones}. Pose {other} with Both Sides off"
    ): (
        "{channel} 现在是 {count} 根骨骼的姿态。以下骨骼在另一侧没有对应骨骼，未镜像到 {other}：{bones}。"
        "请关闭“左右同步”后单独为 {other} 摆姿态"
    ),
    "{said}. Left out, because the performance moves it already: {bones}": (
        "{said}。未取用已由表演控制的骨骼：{bones}"
    ),
    "{said}. Left out, being of the body: {bones}. Selected Bones Only takes also such": (
        "{said}。未取用属于身体的骨骼：{bones}。打开“仅所选骨骼”可一并取用"
    ),
    "Forget Pose": "清除姿态",
    "Forget the pose that was recorded for the active channel; it moves again what was detected": (
        "清除为活动通道录制的姿态，恢复驱动检测到的内容"
    ),
    "No pose is recorded for this channel": "此通道没有录制姿态",
    "From Action…": "取自动作…",
    "Take the pose that an action has for the active channel at 1. Poses of the pose library are actions too": (
        "将动作中的姿态作为活动通道为 1 时的姿态。姿态库中的姿态也是动作"
    ),
    "Action": "动作数据块",
    "The action or pose of the pose library": "动作，或姿态库中的姿态",
    "At Frame": "指定帧",
    "Take the pose at a frame of your choice; else at the action's first": "取指定帧的姿态；否则取动作的首帧",
    "Frame": "帧",
    "Frame of the action": "动作的帧",
    "Take Pose": "取用姿态",
    "Save…": "保存…",
    "Write all that is set of the character into a file, to keep, to share and to load on another": (
        "将角色的全部设置写入文件，以便保存、分享或用于其他角色"
    ),
    "Saved {path}": "已保存 {path}",
    "Load…": "加载…",
    "Give the character what was set of it, or of another, and saved. What has other names now is found again": (
        "将为此角色或其他角色保存的设置用于此角色。改名的部分会重新找到"
    ),
    "Loaded {path}": "已加载 {path}",
    "Found under other names: {names}": "以其他名称找到：{names}",
    "Not on this character: {names}": "此角色没有：{names}",
    "Wiggle": "摆动",
    "Show what the active channel moves: to 1 and back, twice. Nothing is keyed; Esc ends it": (
        "显示活动通道驱动的内容：到 1 再返回，两次。不会插入关键帧；按 Esc 结束"
    ),
    "The character cannot be used yet: see above what it lacks": "角色尚不可用：请查看上方缺少什么",
    # The conversation
    "Live": "实时",
    "Settings": "设置",
    "What you say": "你要说的话",
    "Folder": "文件夹",
    "Transcript": "对话记录",
    "Answered after {seconds:.2f} s": "{seconds:.2f} 秒后回答",
    "Listening…": "聆听…",
    "Thinking…": "思考…",
    "Speaking…": "说话…",
    "Still while a render runs": "渲染期间暂停",
    "Still while the animation plays": "播放动画期间暂停",
    "reaction": "反应",
    "recognition": "识别",
    "reply": "回答",
    "voice": "语音",
    "movement": "动作",
    "pause": "停顿",
    "in all": "总计",
    "Start": "开始",
    "Talk with the character: it listens, answers and moves in the viewport. Nothing is keyed": (
        "与角色交谈：它会聆听、回答并在视图中动起来，不会插入任何关键帧"
    ),
    "End the conversation and give the character its pose back": "结束对话，恢复角色原来的姿态",
    "Say": "说",
    "Say the text to the character instead of speaking": "用文字代替语音对角色说话",
    "Talk": "讲话",
    "Have the character listen to you, until it is pressed again; by a shortcut, as long as the key is held": (
        "让角色聆听，直到再次按下；使用快捷键时，按住期间有效"
    ),
    "Interrupt": "打断",
    "Have the character stop speaking and listen": "让角色停止说话并聆听",
    "Record": "录制",
    "Keep what the character says and does from now on; press again to have it as a take, ready to bake": (
        "从现在起保留角色所说所做；再次按下即得到可烘焙的表演"
    ),
    "Forget": "清空对话",
    "Forget what was said: the next conversation begins anew": "忘记说过的话，下次对话重新开始",
    "Refresh Devices": "刷新设备",
    "Look for microphones and speakers again": "重新查找麦克风和扬声器",
    "What you say to the character, in writing": "用文字对角色说的话",
    "Answers": "回答",
    "Where the character's answers come from": "角色的回答来自哪里",
    "Echo": "复述",
    "Says what it has heard": "复述听到的话",
    "Questions File": "问答文件",
    "Answers from a file of questions and answers of your own": "根据自己的问答文件回答",
    "A text with lines that begin with Q: and A:, or a .csv of questions and answers": (
        "以 Q: 和 A: 开头逐行书写的文本，或包含问答的 .csv 文件"
    ),
    "Language Model": "语言模型",
    "Answers by a server with OpenAI's interface: Ollama, llama.cpp, LM Studio, a cloud": (
        "由兼容 OpenAI 接口的服务器回答：Ollama、llama.cpp、LM Studio 或云服务"
    ),
    "Mirror": "镜像",
    "The character says what you say, as you say it, in any language": "你说什么，角色就同步说什么，不限语言",
    "Server": "服务器",
    "Address of the language model's server": "语言模型服务器的地址",
    "Model": "模型",
    "Name of the model on the server": "服务器上的模型名称",
    "Persona": "人设",
    "Who the character is, told to the language model": "告诉语言模型角色是谁",
    "What you speak with the character": "你与角色交谈所用的语言",
    "Recognition": "语音识别",
    "What understands your voice": "用什么识别你的语音",
    "Built In": "内置",
    "English, without any download": "英语，无需下载",
    "Sherpa Model": "Sherpa 模型",
    "A folder with a model of sherpa-onnx, in its language": "sherpa-onnx 模型所在的文件夹，语言取决于模型",
    "A transcription server with OpenAI's interface": "兼容 OpenAI 接口的转写服务器",
    "No microphone: you write what you say": "不使用麦克风，用文字输入",
    "Recognition Folder": "识别模型文件夹",
    "Folder with the model that understands your voice": "语音识别模型所在的文件夹",
    "Recognition Server": "识别服务器",
    "Address of the transcription server": "转写服务器的地址",
    "What the character speaks with": "角色用什么说话",
    "espeak-ng: a hundred languages, without any download": "espeak-ng：上百种语言，无需下载",
    "Piper Voice": "Piper 嗓音",
    "A Piper voice, a .onnx file": "Piper 嗓音，一个 .onnx 文件",
    "A folder with a voice of sherpa-onnx": "sherpa-onnx 嗓音所在的文件夹",
    "A speech server with OpenAI's interface": "兼容 OpenAI 接口的语音服务器",
    "Voice File": "嗓音文件",
    "The Piper voice, a .onnx file with its .onnx.json beside it": "Piper 嗓音的 .onnx 文件，旁边须有对应的 .onnx.json",
    "Voice Folder": "嗓音文件夹",
    "Folder with the voice's model": "嗓音模型所在的文件夹",
    "Voice Server": "语音服务器",
    "Address of the speech server": "语音服务器的地址",
    "Microphone": "麦克风",
    "What listens to you; empty for the system's own": "用来听你说话的设备；留空则使用系统默认",
    "Speaker": "扬声器",
    "Where the character is heard; empty for the system's own": "播放角色声音的设备；留空则使用系统默认",
    "Listening Through": "聆听方式",
    "Whether the microphone hears the character": "麦克风是否会听到角色的声音",
    "Speakers": "扬声器外放",
    "Deaf while the character speaks, so that it does not hear itself": "角色说话时不聆听，以免听到自己",
    "Headphones": "耳机",
    "Listens all the time, so that you can interrupt by speaking": "始终聆听，可以开口打断",
    "Push to Talk": "按键讲话",
    "Listen only while Talk is on": "仅在开启讲话时聆听",
    "Conversation Runs In": "对话运行于",
    "Where the conversation lives while it lasts": "对话进行时在哪里运行",
    "Thread": "线程",
    "Inside Blender": "在 Blender 内部",
    "Process": "进程",
    "Beside Blender: what goes wrong there cannot harm it": "在 Blender 之外：出错也不会影响 Blender",
    "Language Model Key": "语言模型密钥",
    "Voice Server Key": "语音服务器密钥",
    "Recognition Server Key": "识别服务器密钥",
    "Kept until Blender ends, and never saved. The environment may hold it instead: see the manual": (
        "保留到 Blender 退出为止，从不保存。也可以放在环境变量中：见手册"
    ),
    "Start the conversation first": "请先开始对话",
    "The conversation is running": "对话正在进行",
    "The last conversation is still ending. Wait a few seconds": "上一次对话仍在结束，请稍等几秒",
    "Write what you say first": "请先写下要说的话",
    "Stop the conversation first": "请先停止对话",
    "Nothing has been said": "还没有说过话",
    "Devices are looked for when you choose one": "选择设备时会重新查找",
    # Stages of the work
    "Reading": "理解文本",
    "Speaking": "合成语音",
    "Listening": "分析语音",
    "Articulating": "生成口型",
    "Moving the head": "生成头部动作",
    "Done": "完成",
    # Operators
    "Perform": "表演",
    "Make a take: the voice and the movement of face and head. The scene is not changed until it is baked": (
        "生成一次表演：语音以及面部和头部的动作。烘焙之前不会改变场景"
    ),
    "Cancel": "取消",
    "Stop making the performance. The take before it is kept": "停止生成表演，保留之前的表演",
    "Bake": "烘焙",
    (
        "Write the take onto the character as keyframes, with its sound. "
        "A take that no longer fits the text or the recording is made again first"
    ): "将表演作为关键帧连同声音写到角色上。与文本或录音不再相符的表演会先重新生成",
    "Remove": "移除",
    "Take away exactly what Bake added to the character and the scene": "准确移除烘焙添加到角色和场景中的内容",
    "Add Demo Avatar": "添加演示角色",
    "Add the demo avatar to the scene and choose it as the character": "将演示角色添加到场景并选为当前角色",
    "Play": "播放",
    "Play from the take's start frame with sound, dropping frames to stay with it; press again to stop": (
        "从表演的起始帧开始连同声音播放，必要时丢帧以保持同步；再次按下则停止"
    ),
    "Roll Seed": "随机种子",
    "Choose another seed, for another take of the same line": "换一个种子，得到同一句话的另一次表演",
    "Save Style As…": "风格另存为…",
    "Write the chosen style or blend into a file of your own, to edit and to share, and choose that file": (
        "将所选风格或混合风格写入自己的文件，以便编辑和分享，并选用该文件"
    ),
    # Settings
    "Character": "角色",
    "The mesh with the face's shape keys, or the armature with the head's bone": (
        "带有面部形态键的网格，或带有头部骨骼的骨架"
    ),
    "Source": "来源",
    "Where the words come from": "台词从哪里来",
    "Line": "台词",
    "A line written here": "在此处书写一行文本",
    "Script": "脚本",
    "A text of the Text Editor: a paragraph a line, an empty line for a longer pause": (
        "文本编辑器中的文本：一行一个段落，空行表示较长的停顿"
    ),
    "Text": "文本",
    "What is said. Directions go in between: *word* for emphasis, [happy], [nod], [look up], [pause 0.5]": (
        "要说的话。可在其中加入表演提示：*词语* 表示重读，以及 [happy]、[nod]、[look up]、[pause 0.5]"
    ),
    "The text that is said, with directions in between": "要说的文本，可在其中加入表演提示",
    "Language": "语言",
    "The language of the text": "文本的语言",
    "Auto": "自动",
    "Tell the language of every sentence by its letters": "根据文字判断每个句子的语言",
    "English": "英语",
    "Mandarin Chinese": "普通话",
    "Other": "其他",
    "Any language of the voice, by its code": "语音支持的任意语言，用代码指定",
    "Language Code": "语言代码",
    "The voice's code of the language, such as de, fr or ja": "语音所用的语言代码，例如 de、fr 或 ja",
    "Voice": "嗓音",
    "A variant of the voice, such as f2 or m3; empty for the language's own": (
        "嗓音的变体，例如 f2 或 m3；留空则使用该语言的默认嗓音"
    ),
    "Style": "风格",
    "How the character carries itself": "角色的举止风格",
    "Neutral": "中性",
    "A calm, attentive speaker": "平静而专注的讲述者",
    "Business": "商务",
    "Composed and clear, with a steady look": "沉着清晰，目光稳定",
    "Friendly": "亲切",
    "Warm, with tilts of the head and a touch of a smile": "温暖，常侧头，带一丝微笑",
    "Humorous": "幽默",
    "Playful, with swings, raised brows and smiles": "俏皮，常摆头、挑眉和微笑",
    "Lively": "活泼",
    "Quick and large in everything, with many smiles": "动作快而幅度大，常带微笑",
    "Serious": "严肃",
    "Slow and still, without a smile": "缓慢沉静，不带笑容",
    "Teacher": "教师",
    "Marks every word that matters, with lively brows": "强调每个重要的词，眉毛生动",
    "Seller": "销售",
    "Leans in and tilts the head where it matters, with a firm look": "在关键处倾身侧头，目光坚定",
    "Service Desk": "客服",
    "Patient and attentive: nods, looks at you, lowers the head to listen": "耐心专注：点头、注视对方、低头倾听",
    "Interpreter": "手语翻译",
    "Beside a signer: head and brows mark grammar clearly, the look stays on the viewer": (
        "在手语旁：头部和眉毛清楚地标示语法，目光停留在观众身上"
    ),
    "Own Style": "自定义风格",
    "A style's file of your own": "自己的风格文件",
    "Style File": "风格文件",
    "A style of your own, a .json file: copy one that comes with the add-on and edit it": (
        "自己的风格，一个 .json 文件：可复制插件自带的文件再编辑"
    ),
    "Blend With": "混合",
    "A second style, mixed into the first": "混入第一种风格的第二种风格",
    "None": "无",
    "One style alone": "仅用一种风格",
    "Share": "比例",
    "How much of the second style there is": "第二种风格所占的比例",
    "Region": "地区",
    "Which gesture means what: a nod is a yes in many places and a no in some": (
        "动作的含义：点头在许多地方表示“是”，在有些地方表示“不”"
    ),
    "A nod means yes and a shake means no": "点头表示“是”，摇头表示“不”",
    "Bulgaria": "保加利亚",
    "A shake means yes and a toss of the head means no": "摇头表示“是”，仰头表示“不”",
    "Greece": "希腊",
    "A toss of the head means no": "仰头表示“不”",
    "Japan": "日本",
    "A bow greets, thanks and apologises, and a small one agrees; a no is hardly shaken": (
        "以鞠躬问候、致谢和道歉，以浅鞠躬表示同意；很少摇头表示“不”"
    ),
    "South Asia": "南亚",
    "A wobble from shoulder to shoulder means yes and agrees; a small bow greets": (
        "左右晃头表示“是”和同意，以浅鞠躬问候"
    ),
    "Own Region": "自定义地区",
    "A region's file of your own": "自己的地区文件",
    "Region File": "地区文件",
    "A region of your own, a .json file that names a gesture for each intent": (
        "自己的地区，一个 .json 文件，为每种意图指定动作"
    ),
    "Smoothing": "平滑",
    "A filter for the movement of the head": "头部动作的滤波器",
    "What a neck can do is the only limit": "只受颈部运动能力的限制",
    "Butterworth": "巴特沃斯",
    "Calms quick tremor and delays nothing": "消除快速抖动，没有延迟",
    "One Euro": "One Euro（自适应）",
    "Calm in slow movement, close in fast movement; a little late": "慢动作平稳，快动作紧跟；略有延迟",
    "Kalman": "卡尔曼",
    "Expects movement to go on as it goes; hardly late, swings past its end": (
        "按当前速度预测动作；延迟很小，但会略微过冲"
    ),
    "Moving Average": "移动平均",
    "Soft and late, and never swings past": "柔和、有延迟，从不过冲",
    "Linear": "线性",
    "Straight lines with a greatest speed: the simplest, and late": "限速的直线插值：最简单，有延迟",
    "Fine-Tuner": "微调器",
    "What moves the head by the meaning of the sentence": "按句子的含义驱动头部动作的方式",
    "Standard": "标准",
    "A trained network moves head and brows by what the sentence means": "由训练好的网络按句子的含义驱动头部和眉毛",
    "Small": "小型",
    "A smaller network, for weak machines": "较小的网络，适合性能较弱的电脑",
    "Off": "关闭",
    "Rules alone": "仅用规则",
    "From File": "来自文件",
    "A network that you have trained yourself": "自己训练的网络",
    "Fine-Tuner File": "微调器文件",
    (
        "A fine-tuner of your own, a .onnx file. A pose_base.onnx in the same folder is used with it. "
        "A file that cannot be used is left out, and the take says why"
    ): (
        "自己的微调器，一个 .onnx 文件。同一文件夹中的 pose_base.onnx 会一并使用。"
        "无法使用的文件会被略过，并在表演中说明原因"
    ),
    "Head": "头部",
    "How much the head moves: 0 is not at all, 1 is natural": "头部动作的幅度：0 为不动，1 为自然",
    "Brows": "眉毛",
    "How much the brows move: 0 is not at all, 1 is natural": "眉毛动作的幅度：0 为不动，1 为自然",
    "Blinks": "眨眼",
    "How often the eyes blink: 0 is never, 1 is natural": "眨眼的频率：0 为不眨，1 为自然",
    "Gaze": "目光",
    "How far the eyes look away: 0 is a fixed stare, 1 is natural": "目光移开的幅度：0 为凝视不动，1 为自然",
    "Breathing": "呼吸",
    "How deep the breath is: 0 is none, 1 is natural": "呼吸的深度：0 为无，1 为自然",
    "Smile": "微笑",
    "How wide smiles are: 0 is none, 1 is natural": "微笑的幅度：0 为无，1 为自然",
    "Emotion": "情绪",
    "The emotion of every sentence that has no direction of its own": "没有单独提示的句子所用的情绪",
    "From the Text": "取自文本",
    "Find the emotion of every sentence in what it says": "根据内容判断每个句子的情绪",
    "No emotion": "没有情绪",
    "Happy": "高兴",
    "Smiling, with lifted cheeks": "微笑，面颊上扬",
    "Sad": "悲伤",
    "Low and slow, with the inner brows raised": "低沉缓慢，内侧眉毛抬起",
    "Angry": "愤怒",
    "Tense, with lowered brows": "紧绷，眉毛压低",
    "Excited": "兴奋",
    "Fast, loud and wide-eyed": "快速、响亮、睁大眼睛",
    "Concerned": "担忧",
    "Careful, with drawn brows": "谨慎，眉头微蹙",
    "Surprised": "惊讶",
    "Raised brows and open eyes": "眉毛抬起，眼睛睁大",
    "Fearful": "恐惧",
    "Tense and wide-eyed": "紧绷，睁大眼睛",
    "Seed": "种子",
    "Another seed gives another take of the same line; the same seed gives the same take": (
        "不同的种子得到同一句话的不同表演；相同的种子得到相同的表演"
    ),
    "Output": "输出",
    "Where the keyframes go": "关键帧写到哪里",
    "NLA Track": "NLA 轨道",
    "A strip on a track of its own, above the animation that is there": "位于独立轨道上的片段，叠加在已有动画之上",
    "Active Action": "活动动作",
    "The active action, to edit its keys at once; one that is there is kept, not changed": (
        "作为活动动作，可立即编辑关键帧；已有的动作会保留且不被更改"
    ),
    "Body": "身体",
    "What becomes of animation of the same bones on the NLA tracks below": "下方 NLA 轨道上相同骨骼的动画如何处理",
    "Add": "叠加",
    "The head turns on top of what the body's animation does with it": "头部在身体动画的基础上转动",
    "Replace": "替换",
    "The head and the other bones that perform do only what the take says while it lasts": (
        "表演期间，头部及其他参与表演的骨骼只按表演运动"
    ),
    "Start Frame": "起始帧",
    "Frame of the scene at which the sound begins": "声音开始时的场景帧",
    "Markers": "标记",
    "Mark words, sentences and gestures on the timeline": "在时间线上标记词语、句子和动作",
    "Shapes": "形态",
    "How far a shape key's curve may be from the performance after keys are reduced": (
        "精简关键帧后，形态键曲线与表演之间允许的最大偏差"
    ),
    "Rotation": "旋转",
    "How far a bone's rotation may be from the performance after keys are reduced": (
        "精简关键帧后，骨骼旋转与表演之间允许的最大偏差"
    ),
    "Position (mm)": "位置（毫米）",
    "How far the head's place may be from the performance after keys are reduced, in millimetres": (
        "精简关键帧后，头部位置与表演之间允许的最大偏差，以毫米为单位"
    ),
    # Recordings
    "Recording": "录音",
    "An actor's recorded voice: a file, or a sound strip of the sequencer": (
        "演员的录音：一个文件，或序列编辑器中的声音片段"
    ),
    "Recording From": "录音来源",
    "Where the recorded voice is": "录音在哪里",
    "A sound file, or a video of which the sound is taken": "声音文件，或取其声音的视频",
    "Strip": "片段",
    "A sound strip of the sequencer: what is heard of it, where it lies": (
        "序列编辑器中的声音片段：取其在原处听得到的部分"
    ),
    "The voice: WAV, FLAC, OGG, MP3 or a video": "录音文件：WAV、FLAC、OGG、MP3 或视频",
    "The sound strip with the voice": "含有录音的声音片段",
    "Strip of the sequencer": "序列编辑器中的片段",
    "Use Active Strip": "使用活动片段",
    "Take the strip that is active in the sequencer": "取用序列编辑器中的活动片段",
    "Words": "词语",
    "How it is known what is said": "如何得知说了什么",
    "Recognised": "识别",
    "What is said is found out by listening": "通过聆听得知说了什么",
    "What is said is written here": "说的话写在这里",
    "What is said is a text of the Text Editor": "说的话是文本编辑器中的一个文本",
    "Spoken Text": "所说文本",
    "What is said in the recording, word for word. Directions may stand in between, as in a line": (
        "录音中逐字所说的话。中间可以像台词一样加入提示"
    ),
    "What is said in the recording": "录音中说的话",
    "Spoken Script": "所说脚本",
    "The text that is said in the recording, word for word": "录音中逐字所说的文本",
    "Recogniser": "识别器",
    "What finds out the words": "用什么识别词语",
    "Automatic": "自动",
    "English by the built-in recogniser; other languages by their sound alone": "英语用内置识别器；其他语言仅凭声音",
    "No words: the sound alone moves the mouth": "不识别词语：仅由声音驱动嘴部",
    "Recogniser Folder": "识别器文件夹",
    "Folder with the model that finds out the words": "识别词语所用模型的文件夹",
    "Recogniser Server": "识别服务器",
    "Address of the server that finds out the words": "识别词语的服务器地址",
    "Decoding": "正在解码",
    "Recognising": "正在识别",
    "Aligning": "正在对齐",
    "Performing": "正在表演",
    "Lines heard so far: {count}": "目前听出的行数：{count}",
    "Speech on phones: {share:.0f} %": "有音素依据的语音：{share:.0f} %",
    "Breaths: {breaths}, laughter: {laughs}": "呼吸声：{breaths}，笑声：{laughs}",
    "By sound alone: {count} stretches": "仅凭声音：{count} 段",
    "(sound)": "（声音）",
    "Perform listens to the recording": "“表演”会聆听录音",
    "The sound alone moves the mouth here": "此处仅由声音驱动嘴部",
    "{phones} ms": "{phones} 毫秒",
    "Active Word": "活动词语",
    "Number of the word that is shown below the list": "列表下方显示的词语的编号",
    "Listed": "列出",
    "Which words are listed": "列出哪些词语",
    "Every word": "所有词语",
    "Words of which it is not sure that they are what is said": "不确定是否为所说内容的词语",
    "Word": "词语",
    "What is said here; another word is fitted to the sound at once": "此处说的词；改成别的词会立即重新对准声音",
    "Word Start": "词语开始",
    "Where the word begins, in seconds of the recording": "词语在录音中开始的时间（秒）",
    "Word End": "词语结束",
    "Where the word ends, in seconds of the recording": "词语在录音中结束的时间（秒）",
    "End": "结束",
    "Change Line": "更改台词",
    "Change": "更改",
    "Change the line of the selected word. Bake performs the change": "更改所选词语所在的台词。烘焙时会表演此更改",
    "What is done with the line": "对台词做什么",
    "Split Line": "拆分台词",
    "A line of its own begins with the selected word": "从所选词语起另成一句台词",
    "Join Lines": "合并台词",
    "The line and the next one become one": "将此句与下一句合并为一句",
    "Delete Line": "删除台词",
    "Nothing is said there: it was a noise, or somebody else": "此处没有台词：是噪声，或是别人在说话",
    "Select a word first": "请先选择一个词语",
    "Go to Word": "转到词语",
    "Go to the frame at which the selected word begins": "转到所选词语开始的帧",
    "Words as Markers": "词语标记",
    "Mark on the timeline where each word begins. Drag the markers, then take their times": (
        "在时间线上标出每个词语的开始。拖动标记，然后取用其时间"
    ),
    "Remove Word Markers": "移除词语标记",
    "Take the words' markers off the timeline; yours stay": "从时间线上移除词语标记；您自己的标记保留",
    "Take Times from Markers": "取用标记时间",
    "Have each word begin where its marker has been dragged to. Bake performs the change": (
        "让每个词语从其标记被拖到的位置开始。烘焙时会表演此更改"
    ),
    "Import…": "导入…",
    "Take words and phones of this recording from a .TextGrid or .json file. Bake performs them": (
        "从 .TextGrid 或 .json 文件取得此录音的词语和音素。烘焙时会表演它们"
    ),
    "Export…": "导出…",
    "Write words and phones into a file: .TextGrid for Praat and aligners, .json with all that is known": (
        "将词语和音素写入文件：.TextGrid 供 Praat 和对齐工具使用，.json 包含全部信息"
    ),
    "Listen Anew": "重新聆听",
    "Forget what was understood of this recording, with what was changed by hand. Perform listens to it anew": (
        "忘记对此录音的理解，包括手动更改。“表演”会重新聆听"
    ),
    "Sync to Strip": "与片段同步",
    "Bring the take to where its sound strip was moved, trimmed or retimed to": (
        "让表演跟随其声音片段的移动、修剪或变速"
    ),
    "Choose the file of the recording first": "请先选择录音文件",
    "Choose the recording's strip first": "请先选择录音的片段",
    "Choose the recording first": "请先选择录音",
    "Select a sound strip in the sequencer of this scene first": "请先在此场景的序列编辑器中选择一个声音片段",
    "Perform a recording first": "请先表演一段录音",
    "Mark the words first": "请先标记词语",
    "No words are marked": "没有标记词语",
    "Words marked: {count}": "已标记的词语：{count}",
    "Words moved: {count}": "已移动的词语：{count}",
    "No marker was moved": "没有移动过标记",
    "{count} words from {path}": "从 {path} 取得 {count} 个词语",
    "The take lies where its strip does": "表演已与片段位置一致",
    "The take follows its strip": "表演已跟随片段",
    "The take was stretched with its strip; Bake would replace your own keys": (
        "表演已随片段拉伸；重新烘焙会替换您自己的关键帧"
    ),
    "The strip plays another part of its sound: bake it anew to perform that": (
        "片段播放的是声音的另一部分：请重新烘焙以表演该部分"
    ),
    # Why a button is grey
    "A performance is being made. Wait for it or cancel it": "正在生成表演，请等待或取消",
    "Write a line of text first": "请先写一行文本",
    "Choose a script first": "请先选择一个脚本",
    "The script is empty. Write it in the Text Editor": "脚本为空，请在文本编辑器中书写",
    "Choose a character first, or add the demo avatar": "请先选择一个角色，或添加演示角色",
    "The character is not in this scene. Choose one that is": "该角色不在此场景中，请选择场景中的角色",
    "There is no window to play in": "没有可供播放的窗口",
    "Bake a take first": "请先烘焙一次表演",
    "Nothing is being made": "没有正在进行的工作",
    "Go back to Object Mode first": "请先返回物体模式",
    # Reports
    "Cancelled. The take before it is kept": "已取消，保留之前的表演",
    "The scene the take was made for is gone. The take is not used": "该表演所属的场景已不存在，表演未被使用",
    "The settings were changed meanwhile. The take is kept; bake it again": "期间设置已更改。表演已保留，请再次烘焙",
    "Performed {seconds:.1f} s: {sentences} sentences, {gestures} gestures": (
        "已表演 {seconds:.1f} 秒：{sentences} 个句子，{gestures} 个动作"
    ),
    "The take's file is gone. Perform it again": "表演文件已不存在，请重新表演",
    "Baked frames {first} to {last} onto {name}: {keys} keys, {share:.0f} % of one a frame": (
        "已将第 {first} 至 {last} 帧烘焙到 {name}：{keys} 个关键帧，为逐帧数量的 {share:.0f} %"
    ),
    "Saved {path}. Edit it in any text editor": "已保存 {path}，可用任意文本编辑器编辑",
    "There is no take of ours on this character": "此角色上没有本插件的表演",
    "Removed": "已移除",
}

TRANSLATIONS: Final = {
    "zh_HANS": {
        (context, text): chinese for text, chinese in _CHINESE.items() for context in ("*", "Operator", CONTEXT)
    }
}
"""As ``bpy.app.translations.register`` wants it."""
