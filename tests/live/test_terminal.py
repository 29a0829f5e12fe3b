"""Keys in a terminal: what is written while something is shown, push-to-talk, and how the terminal is left."""

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linly_blender.terminal import LONGEST_LINE, REPEATED, Line

pty = pytest.importorskip("pty", reason="needs pseudo-terminals")
termios = pytest.importorskip("termios", reason="needs pseudo-terminals")

PROGRAM = Path(__file__).parent / "in_terminal.py"


class Terminal:
    """A person before a terminal, in which the conversation runs."""

    def __init__(self, *options: str) -> None:
        self._keys, screen = pty.openpty()
        self.before = termios.tcgetattr(self._keys)
        self._seen = ""
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *options], stdin=screen, stdout=screen, stderr=screen, env=environment
        )
        os.close(screen)

    def press(self, keys: str) -> None:
        os.write(self._keys, keys.encode())

    def see(self, pattern: str, seconds: float = 30.0) -> str:
        """Wait for it to be shown; what was shown until then is forgotten."""
        until = time.monotonic() + seconds
        while (found := re.search(pattern, self._seen)) is None:
            assert time.monotonic() < until, f"{pattern} is not in {self._seen!r}"
            if select.select([self._keys], [], [], 0.1)[0]:
                try:
                    self._seen += os.read(self._keys, 4096).decode()
                except OSError:
                    raise AssertionError(f"it ended, and {pattern} is not in {self._seen!r}") from None
        self._seen = self._seen[found.end() :]
        return found[0]

    def settings(self) -> list[object]:
        return list(termios.tcgetattr(self._keys))

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._keys)


@pytest.fixture
def open_terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def opening(*options: str) -> Terminal:
        opened.append(Terminal(*options))
        return opened[-1]

    yield opening
    for terminal in opened:
        terminal.close()


def test_what_is_written_is_said_while_the_microphone_listens(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal()
    terminal.see("Speak, or write and press Enter")
    terminal.see("listening")
    terminal.press("Good eve\x7f\x7f\x7fmorning 世界\r")
    terminal.see("you: Good morning 世界\r\n")
    terminal.see("character: You said Good morning 世界")
    terminal.see("listening")


def test_it_can_be_interrupted_in_writing(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal("--write")
    terminal.see("listening")
    terminal.press(" ".join(["word"] * 60) + "\r")
    terminal.see("speaking")
    terminal.press("stop it\r")
    terminal.see("interrupted")
    terminal.see("you: stop it\r\n")
    terminal.see("character: You said stop it")


def test_the_space_bar_is_push_to_talk(open_terminal: Callable[..., Terminal]) -> None:
    terminal = open_terminal("--push-to-talk")
    terminal.see("Press space to speak")
    terminal.see("listening")
    for _ in range(2):
        terminal.press(" ")
        terminal.see("hears you")
        time.sleep(2 * REPEATED)
        terminal.press(" ")
        terminal.see("heard")
        terminal.see("you: ")
        terminal.see("character: You said")
        terminal.see("listening")
    terminal.press("a word\r")  # a space within a line is one
    terminal.see("you: a word\r\n")


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_the_terminal_is_left_as_it_was(open_terminal: Callable[..., Terminal], key: str) -> None:
    terminal = open_terminal("--push-to-talk")
    terminal.see("listening")
    assert terminal.settings() != terminal.before
    terminal.press(key)
    assert terminal.process.wait(10) == 0
    assert terminal.settings() == terminal.before


def test_without_a_terminal_there_is_no_key() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "linly_blender", "live", "--push-to-talk"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert result.returncode == 1
    assert "error: Push-to-talk takes the space bar of a terminal" in result.stderr
    assert "leave --push-to-talk out" in result.stderr


@pytest.fixture
def said() -> list[str | bool]:
    return []


@pytest.fixture
def line(said: list[str | bool]) -> Line:
    return Line(said.append, said.append)


def test_a_key_that_is_held_down_counts_once(line: Line, said: list[str | bool]) -> None:
    for press in range(20):
        line.type(" ", press * REPEATED / 2)
    assert said == [True]
    line.type(" ", 20 * REPEATED)
    assert said == [True, False]


def test_what_is_shown_leaves_what_is_being_written(
    line: Line, said: list[str | bool], capsys: pytest.CaptureFixture[str]
) -> None:
    line.type("Hel", 0.0)
    capsys.readouterr()
    line.echo("(thinking)")
    assert capsys.readouterr().out.splitlines()[-2:] == ["(thinking)", "Hel"]
    line.type("lo\n", 0.0)
    assert said == ["Hello"]


def test_of_a_long_line_the_end_is_shown(
    line: Line, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    line.type("a" * 20, 0.0)
    assert capsys.readouterr().out.splitlines()[-1] == "a" * 9
    line.type("世界世界", 0.0)
    assert capsys.readouterr().out.splitlines()[-1] == "a世界世界"


def test_keys_that_write_nothing_are_left_out(line: Line, said: list[str | bool]) -> None:
    assert line.type("\x1b[A\x1b[1;5Ca\x1bOPb\x00\x07\x1b\n", 0.0)
    assert said == ["ab"]
    assert line.type("  \r\n\n", 5.0), "an empty line says nothing"
    assert said == ["ab", True]
    line.type("forgotten\x15kept\x04\n", 9.0)
    assert said[-1] == "kept"
    line.type("x" * 5000 + "\n", 9.0)
    assert said[-1] == "x" * LONGEST_LINE
    assert not line.type("\x04", 9.0)
