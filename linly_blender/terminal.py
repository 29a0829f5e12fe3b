"""A terminal in which something is shown and written at the same time."""

import codecs
import os
import re
import shutil
import sys
import threading
import unicodedata
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

import click

LONGEST_LINE: Final = 4000
"""Characters; what is typed beyond them is not taken."""
REPEATED: Final = 0.15
"""Seconds within which the talk key counts as held down: a terminal repeats a key and never tells its release."""
_LOOK: Final = 0.05
"""Seconds between two looks at whether the keyboard is still wanted."""
_END: Final = "\x04"
"""Ctrl-D."""
_CLEAR: Final = "\r\x1b[K"
_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?")
"""What arrows and the like send."""

if sys.platform == "win32":
    import msvcrt
    import time

    def in_terminal() -> bool:
        """Whether somebody can press keys for this program and see what it writes."""
        return sys.stdin.isatty() and sys.stdout.isatty()

    class _Raw:
        """The console, key by key and without an echo."""

        def read(self) -> str | None:
            """What was typed within a moment; None when nothing can be typed any more."""
            if not msvcrt.kbhit():
                time.sleep(_LOOK)
                return ""
            key = msvcrt.getwch()
            if key in "\0\xe0":  # an arrow or the like, of which this is the first half
                msvcrt.getwch()
                return ""
            return _END if key == "\x1a" else key

        def close(self) -> None:
            """Nothing was changed."""

else:
    import select
    import termios
    import tty

    def in_terminal() -> bool:
        """Whether somebody can press keys for this program and see what it writes."""
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            return False
        try:
            return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()  # whoever reads in the background is stopped
        except OSError:
            return False

    class _Raw:
        """The terminal, key by key and without an echo; Ctrl-C stays what it is."""

        def __init__(self) -> None:
            self._file = sys.stdin.fileno()
            self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
            self._before = termios.tcgetattr(self._file)
            tty.setcbreak(self._file)

        def read(self) -> str | None:
            """What was typed within a moment; None when nothing can be typed any more."""
            if not select.select([self._file], [], [], _LOOK)[0]:
                return ""
            try:
                data = os.read(self._file, 1024)
            except OSError:  # its window was closed
                return None
            return self._decoder.decode(data) if data else None

        def close(self) -> None:
            """The terminal is as it was."""
            try:
                termios.tcsetattr(self._file, termios.TCSADRAIN, self._before)
            except termios.error:
                return  # its window was closed


class Keyboard:
    """Hands on what is typed, as it is typed, from a thread of its own. A context manager."""

    def __init__(self, typed: Callable[[str], None]) -> None:
        self._typed = typed
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._read, name="linly keyboard")

    def __enter__(self) -> Self:
        self._raw = _Raw()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, place: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join()
        self._raw.close()

    def _read(self) -> None:
        while not self._closing.is_set():
            typed = self._raw.read()
            if typed is None:
                self._typed(_END)
                return
            if typed:
                self._typed(typed)


class Line:
    """The line that is being written, below everything that is shown."""

    def __init__(self, say: Callable[[str], None], talk: Callable[[bool], None] | None) -> None:
        """``say`` takes a written line, ``talk`` whether the talk key is on; None: there is no such key."""
        self._say = say
        self._talk = talk
        self._talking = False
        self._pressed = -REPEATED
        self._text = ""

    def echo(self, text: str) -> None:
        """Show a line above the one that is being written."""
        if self._text:
            click.echo(_CLEAR, nl=False)
        click.echo(text)
        click.echo(_end(self._text), nl=False)

    def type(self, typed: str, now: float) -> bool:
        """Take what was typed at ``now`` seconds; whether more is wanted."""
        for key in _SEQUENCE.sub("", typed):
            if key == _END and not self._text:
                return False
            if key in "\r\n":
                text, self._text = self._text, ""
                click.echo(_CLEAR, nl=False)
                if text.strip():
                    self._say(text)
            elif key == " " and not self._text:
                self._press(now)
            elif key in "\x7f\b":
                self._text = self._text[:-1]
            elif key == "\x15":  # Ctrl-U
                self._text = ""
            elif key.isprintable() and len(self._text) < LONGEST_LINE:
                self._text += key
        click.echo(f"{_CLEAR}{_end(self._text)}", nl=False)
        return True

    def _press(self, now: float) -> None:
        """Space begins and ends talking."""
        repeated = now - self._pressed < REPEATED
        self._pressed = now
        if self._talk is None or repeated:
            return
        self._talking = not self._talking
        self._talk(self._talking)
        self.echo("(hears you: press space when you have said it)" if self._talking else "(heard)")


def _end(text: str) -> str:
    """As much of a text's end as a row of the terminal has room for."""
    room = shutil.get_terminal_size().columns - 1
    for at in range(len(text), 0, -1):
        room -= 2 if unicodedata.east_asian_width(text[at - 1]) in "WF" else 1
        if room < 0:
            return text[at:]
    return text
