"""Decides everything: who speaks, what is thrown away, what is played, and how the character looks meanwhile.

One thread calls it, with one message after the other and one tick a frame; no other thread changes anything of it. It
never waits: what takes time is done by ears, listener and mind, which send it messages.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from ..performance import Performance
from .attempt import Attempt, Playing, Utterance, joined
from .completeness import ending, is_question
from .ears import Gate, Mode
from .frame import Frame, Newest
from .messages import (
    Began,
    Broken,
    Ended,
    Failed,
    Finished,
    Hushed,
    Mended,
    Message,
    Paused,
    Prepared,
    Stop,
    Talk,
    Typed,
    Understood,
    WentOn,
)
from .presence import Backchannel
from .recorded import Recorded
from .services import Event, EventKind, Fault, ServiceError, Speaker, State, Turn
from .settings import Settings
from .trouble import in_words, out_of_patience

MOST_TURNS: Final = 200
"""Turns that are remembered."""
LONGEST_SAID: Final = 4000
"""Characters of one thing that the user says or writes."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds that a conversation waits."""

    nod: float = 0.16
    """After the user's last sound until the character nods: longer than the closure of a stop."""
    words: float = 0.21
    """The same while it is not known what was said, and so whether it was a question."""
    complete: float = 0.17
    """After the user's last sound, when what they said could be all: with the speaker's latency, what people leave
    (Stivers 2009)."""
    doubtful: float = 0.3
    """The same when it seldom is all, if it was recognised right."""
    incomplete: float = 0.9
    """The same when it is not all: after "because", "the" ..."""
    thoughtful: float = 0.3
    """Without an answer, after which the character shows that it thinks."""
    echo: float = 0.15
    """After the last sound of the speaker until the room is quiet."""
    patience: float = 30.0
    """Without any word of an answer, after which it is given up."""
    speaker: float = 3.0
    """That a sound may be late at the speaker."""


class Body(Protocol):
    """What the conversation asks of the character's face and head: ``recorder.Recorder``, around an ``actor.Actor``."""

    def frame(self, now: float) -> Frame:
        """How it looks now."""
        ...

    def listen(self, now: float) -> None:
        """Pay attention to the user."""
        ...

    def think(self, now: float) -> None:
        """Show that an answer is being looked for."""
        ...

    def attend(self, now: float) -> None:
        """Look back, about to speak."""
        ...

    def speak(self, take: Performance, heard: Callable[[], float | None]) -> None:
        """Perform after the takes before, at the second of the take that ``heard`` returns; None before the first."""
        ...

    def interrupt(self, now: float) -> None:
        """Stop speaking."""
        ...

    def backchannel(self, now: float, kind: Backchannel) -> None:
        """Show that a phrase of the user was heard."""
        ...

    def note(self, event: Event) -> None:
        """This has happened."""
        ...

    def begin(self, folder: Path, now: float) -> None:
        """Record from now on. Raises ServiceError("recording")."""
        ...

    def end(self) -> Recorded:
        """End the recording. Raises ServiceError("recording")."""
        ...

    def close(self) -> None:
        """End the recording, if there is one."""
        ...


class Conductor:
    """The conversation's state, and all that changes it."""

    def __init__(
        self,
        settings: Settings,
        timing: Timing,
        speaker: Speaker,
        body: Body,
        newest: Newest,
        gate: Gate,
        ask: Callable[[Attempt], None],
        think: Callable[[Attempt], None],
        give_up: Callable[[Attempt], None],
        latency: Callable[[], float],
        report: Callable[[Event], None],
        clock: Callable[[], float],
        before: tuple[Turn, ...] = (),
    ) -> None:
        """Have one.

        Parameters: ``ask`` has what was said recognised, ``think`` has it answered, ``give_up`` leaves behind the one
        of both that an attempt waits for in vain; ``latency`` is the microphone's.
        """
        self._settings = settings
        self._timing = timing
        self._speaker = speaker
        self._body = body
        self._newest = newest
        self._gate = gate
        self._ask = ask
        self._think = think
        self._give_up = give_up
        self._latency = latency
        self._report = report
        self._clock = clock
        self._attempt: Attempt | None = None
        self._guess: Attempt | None = None
        self._carry = ""  # what the user said before they went on in a new utterance
        self._held = False
        self._noticed = 0.0
        """When the character last showed that the user's voice had died away."""
        self._echo_until = 0.0
        self._told: dict[Fault, str] = {}
        self._noted = set[str]()
        self.state: State = "off"
        """Read from any thread, as ``turns``."""
        self.turns = before[-MOST_TURNS:]

    def begin(self) -> None:
        """Start to listen."""
        self._body.listen(self._clock())
        self._enter("listening")
        self._set_gate(self._clock())

    def finish(self) -> None:
        """Be silent, for good."""
        try:
            if self._attempt is not None:
                self._interrupt(self._clock())
        except Exception as error:  # noqa: BLE001 - as below: what is left has to be closed all the same
            self._broke(error)
        self._gate.mode = "shut"
        self._enter("off")

    def handle(self, message: Message) -> None:
        """Take note of what another thread has done."""
        now = self._clock()
        try:
            self._take(message, now)
            self._commit_if_due(now)
            self._set_gate(now)
        except Exception as error:  # noqa: BLE001 - body and speaker are not ours: the conversation goes on
            self._broke(error)

    def tick(self) -> None:
        """Do what is due now, and make a frame."""
        now = self._clock()
        try:
            self._commit_if_due(now)
            if self._attempt is not None:
                self._follow(self._attempt, now)
            self._set_gate(now)
            self._newest.put(self._body.frame(now))
        except Exception as error:  # noqa: BLE001 - as above
            self._broke(error)

    def _take(self, message: Message, now: float) -> None:
        match message:
            case Began(time):
                self._began(time, now)
            case Hushed(ended):
                self._hushed(ended, now)
            case Paused(ended, released, fallen):
                self._paused(Attempt(ended, self.turns, released=released, fallen=fallen, silent=released), now)
            case WentOn():
                self._went_on()
            case Ended(ended):
                if self._attempt is not None:
                    self._attempt.silent = True
                elif self.state == "listening":
                    self._paused(Attempt(ended, self.turns, silent=True), now)
            case Understood(attempt, text, seconds):
                self._understood(attempt, text, seconds, now)
            case Prepared(attempt, utterance, stages):
                self._prepared(attempt, utterance, stages, now)
            case Finished(attempt, notes):
                attempt.finished, attempt.notes = True, notes
                self._note(attempt)
            case Failed(attempt, error, notes):
                attempt.notes = notes
                self._note(attempt)
                self._failed(attempt, error)
            case Broken(error):
                self._broken(error)
            case Mended():
                self._told.pop("microphone", None)
                if self.state == "listening":
                    self._event("listening", now)
            case Typed(text, time):
                self._typed(text, time, now)
            case Stop():
                if self._attempt is not None:
                    self._interrupt(now)
            case Talk(pressed):
                self._held = pressed
                if pressed and self._attempt is not None:
                    self._make_way(self._attempt, now)

    # What the user does

    def _began(self, time: float, now: float) -> None:
        self._event("speech_start", time)
        self._forget_told()
        self._drop_guess()
        if self._attempt is not None:
            self._make_way(self._attempt, now)
        self._body.listen(now)

    def _make_way(self, attempt: Attempt, now: float) -> None:
        """The user speaks again: over the answer, or before anything of it was heard, as if they had not ended."""
        if attempt.sounding is not None:
            self._speaker.stop(0.0)  # the click is lost in the voice of who breaks in
            self._interrupt(now)
            return
        attempt.owed = attempt.said is None
        self._drop(attempt)
        if attempt.committed is not None:
            self.turns = self.turns[:-1]
        if attempt.said is not None:
            self._carry = attempt.said
        self._enter("listening")

    def _hushed(self, ended: float, now: float) -> None:
        if self._attempt is not None:
            return
        self._noticed = now
        self._body.backchannel(now, "notice")
        self._drop_guess()
        self._guess = Attempt(ended, self.turns, guessed=True)
        self._ask(self._guess)

    def _guessed(self, guess: Attempt, text: str) -> None:
        """Only what could be all that the user wants to say is answered already."""
        guess.said = joined([self._carry, text])
        if guess.said and ending(guess.said, fallen=True) == "whole":
            self._think(guess)
        else:
            self._drop_guess()

    def _drop_guess(self) -> None:
        if self._guess is not None:
            self._guess.cancel()
            self._guess = None

    def _adopt_guess(self, attempt: Attempt) -> None:
        """The guess was right: what there is of its answer is the attempt's."""
        guess, self._guess = self._guess, None
        assert guess is not None
        guess.ended, guess.quiet, guess.deadline = attempt.ended, attempt.quiet, attempt.deadline
        guess.fallen, guess.silent, guess.nodded = attempt.fallen, attempt.silent, attempt.nodded
        guess.stages = attempt.stages | guess.stages
        self._attempt = guess

    def _paused(self, attempt: Attempt, now: float) -> None:
        if self._attempt is not None:  # of an utterance that is answered already
            return
        self._attempt = attempt
        attempt.quiet = now
        if self._noticed > attempt.ended:
            attempt.stages["reaction"] = self._noticed - attempt.ended
        else:
            self._body.backchannel(now, "notice")
        self._ask(attempt)

    def _went_on(self) -> None:
        self._drop_guess()
        if self._attempt is not None and self._attempt.committed is None:
            self._drop(self._attempt)

    def _understood(self, attempt: Attempt, text: str, seconds: float, now: float) -> None:
        text = text.strip()[:LONGEST_SAID]
        if attempt is self._guess:
            self._guessed(attempt, text)
            return
        if attempt.cancelled:
            if attempt.owed:
                attempt.owed = False
                self._carry = joined([self._carry, text])
            return
        attempt.said = joined([self._carry, text])
        attempt.stages["recognition"] = seconds
        if not attempt.said:
            self._drop_guess()
            if attempt.silent:
                self._event("speech_end", attempt.ended)
            self._drop(attempt)
            return
        self._event("partial", now, attempt.said)
        if attempt.nodded and is_question(attempt.said):  # at what turns out to be one
            self._body.backchannel(now, "tilt")
        attempt.deadline = attempt.ended + (0.0 if attempt.released else self._wait(attempt))
        if self._guess is not None and self._guess.said == attempt.said and self._guess.failure is None:
            self._adopt_guess(attempt)
        else:
            self._drop_guess()
            self._think(attempt)

    def _wait(self, attempt: Attempt) -> float:
        """Seconds after the user's last sound until this counts as all they wanted to say."""
        assert attempt.said is not None
        match ending(attempt.said, attempt.fallen):
            case "whole":
                return self._timing.complete
            case "doubtful":
                return self._timing.doubtful
            case "open":
                return self._timing.incomplete

    def _react(self, attempt: Attempt, now: float) -> None:
        """Show that a phrase was heard: what is seen first was begun when it may have ended, now comes the head."""
        attempt.stages.setdefault("reaction", now - attempt.ended)
        wait = self._timing.words if attempt.said is None else self._timing.nod
        if not attempt.nodded and not attempt.playing and now >= attempt.ended + wait:
            attempt.nodded = True
            self._body.backchannel(now, "tilt" if is_question(attempt.said or "") else "nod")

    def _typed(self, text: str, time: float, now: float) -> None:
        text = text.strip()[:LONGEST_SAID]
        if not text:
            return
        if self._attempt is not None:
            self._interrupt(now)
        self._carry = ""
        self._drop_guess()
        self._attempt = Attempt(time, self.turns, said=text, written=True, deadline=now)
        self._think(self._attempt)
        self._body.listen(now)

    def _commit_if_due(self, now: float) -> None:
        """What was prepared in the hope that the user had ended is said, once they count as having ended."""
        attempt = self._attempt
        if attempt is None or attempt.committed is not None or attempt.deadline is None or now < attempt.deadline:
            return
        assert attempt.said is not None
        attempt.committed = attempt.quiet = now
        self._carry = ""
        self._gate.turns += 1
        self._forget_told()
        if not attempt.written:
            self._event("speech_end", attempt.ended)
        self._event("heard", now, attempt.said)
        self._remember(Turn("user", attempt.said))
        self._enter("thinking")
        if attempt.failure is not None:
            self._tell(attempt.failure)
        self._note(attempt)
        self._play(attempt, now)

    # What becomes of the answer

    def _prepared(self, attempt: Attempt, utterance: Utterance, stages: dict[str, float], now: float) -> None:
        if attempt.cancelled:
            return
        if "voice" not in attempt.stages:
            attempt.stages.update(stages)
        attempt.ready.append(utterance)
        if attempt.committed is not None:
            self._play(attempt, now)

    def _failed(self, attempt: Attempt, error: ServiceError) -> None:
        if attempt.cancelled:
            return
        attempt.finished, attempt.failure = True, error
        if attempt.said is None:
            self._event("speech_end", attempt.ended)
            self._tell(error)
            self._drop(attempt)
            self._gate.turns += 1  # what is said next is a new utterance, with which recognition begins anew
        elif attempt.committed is not None:
            self._tell(error)

    def _play(self, attempt: Attempt, now: float) -> None:
        """Hand what is ready to the speaker."""
        while attempt.ready:
            utterance = attempt.ready[0]
            last = attempt.playing[-1].expected if attempt.playing else now
            if not attempt.playing:
                utterance = utterance.at_once()
            self._event("reply_text", now, utterance.line.text)
            try:
                number = self._speaker.play(utterance.sound, utterance.rate)
            except Exception as error:  # noqa: BLE001 - a driver is not ours: the user is told, and can read the answer
                self._without_speaker(attempt, in_words("speaker", error), now)
                return
            attempt.ready.pop(0)
            attempt.playing.append(Playing(utterance, number, last + utterance.duration))
            attempt.pondering = False
            self._body.attend(now)
            self._body.speak(utterance.take, self._heard(number, utterance.offset))
            self._enter("speaking")

    def _heard(self, number: int, offset: float) -> Callable[[], float | None]:
        """The clock of a take of which only a part is played, from ``offset`` on.

        A frame waits half a frame, on average, until it is taken and is seen for as long after its middle: it shows
        what is heard then.
        """
        ahead = offset + 1 / self._settings.fps

        def heard() -> float | None:
            seconds = self._speaker.heard(number)
            return None if seconds is None else seconds + ahead

        return heard

    def _follow(self, attempt: Attempt, now: float) -> None:
        """Keep up with what is heard of the answer."""
        if not attempt.written:
            self._react(attempt, now)
        while attempt.playing:
            playing = attempt.playing[0]
            playing.heard = self._speaker.heard(playing.number)
            if playing.heard is not None and attempt.sounding is None:
                self._sounds(attempt, now - playing.heard, now)
            if playing.heard is None or playing.heard < playing.utterance.duration:
                if now > playing.expected + self._timing.speaker:
                    self._without_speaker(attempt, ServiceError("speaker", _NO_SOUND), now)
                return
            attempt.spoken.append(playing.utterance.line.text)
            attempt.playing.pop(0)
            attempt.room.release()
            attempt.quiet = now
        if attempt.said is not None and attempt.committed is None:
            return
        if attempt.finished:
            self._finish(attempt, now)
        elif now - attempt.quiet > self._timing.patience:
            attempt.failure = out_of_patience("recogniser" if attempt.said is None else "reply", self._timing.patience)
            self._tell(attempt.failure)
            self._gate.turns += 1
            self._finish(attempt, now)
            self._give_up(attempt)
        elif attempt.committed is not None and now - attempt.quiet > self._timing.thoughtful and not attempt.pondering:
            attempt.pondering = True
            self._body.think(now)

    def _sounds(self, attempt: Attempt, time: float, now: float) -> None:
        """The answer began to be heard at ``time``."""
        assert attempt.committed is not None
        attempt.sounding = time
        self._event("sound_start", time)
        self._event("motion_start", now)
        waited = {"end": attempt.committed - attempt.ended, "total": time - attempt.ended}
        self._event("latency", now, values=attempt.stages | waited)

    def _finish(self, attempt: Attempt, now: float) -> None:
        """The answer is over, or there is none."""
        self._leave(attempt, now)
        if attempt.sounding is None and attempt.failure is None and attempt.committed is not None:
            self._tell(ServiceError("reply", _NO_ANSWER))
        self._body.listen(now)

    def _interrupt(self, now: float) -> None:
        """Stop in the middle."""
        attempt = self._attempt
        assert attempt is not None
        self._follow_time(attempt)
        _, unsaid = attempt.divided()
        self._leave(attempt, now)
        if attempt.committed is not None:
            self._event("interrupted", now, unsaid)
            self._body.listen(now)

    def _without_speaker(self, attempt: Attempt, error: ServiceError, now: float) -> None:
        attempt.failure = error
        self._tell(error)
        self._leave(attempt, now)
        self._body.listen(now)

    def _follow_time(self, attempt: Attempt) -> None:
        for playing in attempt.playing:
            playing.heard = self._speaker.heard(playing.number)

    def _leave(self, attempt: Attempt, now: float) -> None:
        """Nothing more is said of it; what was said is remembered."""
        said, unsaid = attempt.divided()
        if said or unsaid:
            self._remember(Turn("character", said, unsaid))
        self._drop(attempt)
        if attempt.sounding is not None:
            self._event("sound_end", now)
        self._enter("listening")

    def _drop(self, attempt: Attempt) -> None:
        """Throw away an attempt and what is played of it."""
        attempt.cancel()
        if attempt is self._attempt:
            self._attempt = None
        if attempt.playing:
            self._speaker.stop()
            self._body.interrupt(self._clock())

    # How it is told

    def _broken(self, error: ServiceError) -> None:
        if error.kind == "microphone" and self._attempt is not None and self._attempt.said is None:
            self._drop(self._attempt)
        self._tell(error)

    def _broke(self, error: Exception) -> None:
        """Something that the conductor asked for has raised: this turn is over, the next is tried again.

        What is told in plain words, such as that the recording has broken off, ends nothing.
        """
        self._tell(in_words("engine", error))
        if isinstance(error, ServiceError) and self._attempt is not None:
            return
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.cancel()
            try:
                self._speaker.stop()
            except Exception as second:  # noqa: BLE001 - nor must this end the conversation
                self._tell(in_words("speaker", second))
        self._enter("listening")

    def _set_gate(self, now: float) -> None:
        speaking = self._attempt is not None and bool(self._attempt.playing)
        if speaking:
            self._echo_until = now + self._timing.echo + self._latency()
        mode: Mode = "open"
        if self._held:
            mode = "held"
        elif self._settings.push_to_talk or (self._settings.guard == "half_duplex" and now < self._echo_until):
            mode = "shut"
        self._gate.mode = mode
        self._gate.speaking = speaking

    def _remember(self, turn: Turn) -> None:
        self.turns = (*self.turns, turn)[-MOST_TURNS:]

    def _enter(self, state: State) -> None:
        if state == self.state:
            return
        self.state = state
        now = self._clock()
        self._event("state", now, state)
        if state == "listening":
            self._event("listening", now)

    def _tell(self, error: ServiceError) -> None:
        """Once: what is still wrong is not told again before the next turn."""
        if self._told.get(error.kind) != str(error):
            self._told[error.kind] = str(error)
            self._event("error", self._clock(), str(error), error.kind)

    def _note(self, attempt: Attempt) -> None:
        """Tell what of an answer that counts was done otherwise than asked: once in a conversation."""
        if attempt.committed is None or attempt.cancelled:
            return
        for note in attempt.notes:
            if note not in self._noted:
                self._noted.add(note)
                self._event("note", self._clock(), note)

    def _forget_told(self) -> None:
        """In a new turn everything is told again but what has nothing to do with turns."""
        self._told = {fault: said for fault, said in self._told.items() if fault == "microphone"}

    def _event(
        self,
        kind: EventKind,
        time: float,
        text: str = "",
        fault: Fault | None = None,
        values: dict[str, float] | None = None,
    ) -> None:
        event = Event(kind, time, text, fault, values or {})
        self._body.note(event)
        try:
            self._report(event)
        except Exception:  # noqa: BLE001 - who listens to us must not stop us
            _log.exception("The report of %s failed", kind)


_NO_SOUND: Final = (
    "The speaker does not play. Check that it is plugged in and that no other program holds it, or choose another one. "
    "The answer can be read in the transcript."
)
_NO_ANSWER: Final = "The answer was empty. Say it in other words, or choose something else that answers."
