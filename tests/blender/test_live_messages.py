"""What the engine tells in a conversation is known to the Chinese interface."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import bpy
import pytest

from linly_blender.live.services import Fault
from linly_blender.live.trouble import in_words, out_of_patience

from .conftest import MODULE, ROOT

TELLING = ("audio", "live", "recognition", "reply", "voices", "servers.py", "sherpa_folder.py")
"""Where a conversation's messages are written; those of the terminal's log are nobody's in Blender."""
ELSEWHERE = ("log.py", "recorded.py")
CALLS = {
    **dict.fromkeys(("UserError", "ServiceError", "StreamError", "SoundError", "in_plain_words", "_fail"), "{}"),
    "_wrong": "{}",
    "_fault": "{{}} at {{}} {}.",
}
"""What tells the user something, and what becomes of it there."""
FRAME = "The {} at {} {}."
"""Such a message as it is put together."""


@pytest.fixture
def messages(extension: ModuleType) -> ModuleType:
    return importlib.import_module(f"{MODULE}.panels.messages")


def template(node: ast.expr, named: dict[str, ast.expr]) -> str | None:
    """What stands in the code, with ``{}`` for what varies; None for what is made elsewhere."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in values)  # type: ignore[misc]
        case ast.BinOp(left=left):
            return f"{template(left, named)}{{}}"
        case ast.Name(id=name) if name in named:
            return template(named[name], named)
    return None


def told(path: Path) -> Iterator[str]:
    """Every message of a module, as its template."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named: dict[str, ast.expr] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                named[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                named[name] = value
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            texts = [text for argument in node.args if (text := template(argument, named))]
            said = max(texts, key=len, default="")  # the other is a kind of error
            if called in CALLS and " " in said.strip("{} ,.:"):
                yield CALLS[called].format(said)


def test_every_message_of_the_conversation_is_there_in_chinese(messages: ModuleType) -> None:
    paths = [path for name in TELLING for path in sorted((ROOT / "linly_blender").glob(f"{name}*/**/*.py"))]
    paths += [ROOT / "linly_blender" / name for name in TELLING if name.endswith(".py")]
    found = {text: path.name for path in paths if path.name not in ELSEWHERE for text in told(path)}
    del found[FRAME]
    assert len(found) > 90, "the messages are looked for where they are"
    assert {text: name for text, name in found.items() if text not in messages.CHINESE} == {}


@pytest.mark.parametrize("fault", Fault.__args__)  # type: ignore[attr-defined]
def test_every_kind_of_trouble_is_told_in_chinese(messages: ModuleType, fault: Fault) -> None:
    for error in (in_words(fault, ValueError("secret")), out_of_patience(fault, 30)):
        chinese = messages.in_chinese(str(error))
        assert not any(word in chinese.lower() for word in (" the ", "again", "settings", "server", "voice")), chinese
        assert "ValueError" in chinese or "30" in chinese


def test_what_stands_in_the_gaps_is_kept_and_no_message_is_taken_for_another(messages: ModuleType) -> None:
    for english, chinese in messages.CHINESE.items():
        gaps = [f"<{number}>" for number in range(english.count("{}"))]
        assert messages.in_chinese(english.format(*gaps)) == chinese.format(*gaps)
        assert all(gap in chinese.format(*gaps) for gap in gaps), english
    assert messages.in_chinese("Something new.") == "Something new."


def test_messages_within_messages_are_told_in_chinese_too(messages: ModuleType) -> None:
    said = "The language model's server at localhost:1 says that it is asked too often or that the account is used up "
    chinese = messages.in_chinese(said + "(429). Try again in 7 seconds, or look at the account.")
    assert (
        chinese
        == "localhost:1 上的语言模型服务器表示请求过于频繁，或账户额度已用完（429）。请在 7 秒后再试，或查看账户。"
    )


def test_the_interfaces_language_decides(extension: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    wording = importlib.import_module(f"{MODULE}.operators.wording")
    message = "A recording is running already. End it first."
    assert wording.told_(message) == message
    monkeypatch.setattr(wording, "translations", SimpleNamespace(locale="zh_HANS"))  # pip's bpy has one language only
    monkeypatch.setattr(bpy.context.preferences.view, "use_translate_reports", True)
    assert wording.told_(message) == "录制正在进行。请先结束它。"
