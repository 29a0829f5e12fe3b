"""The background's one job: messages, cancelling and stopping, without Blender."""

import importlib.util
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from linly_blender.perform import perform

ROOT = Path(__file__).resolve().parents[2]
WAIT = 10.0


@pytest.fixture
def worker() -> Iterator[ModuleType]:
    """``operators.worker`` inside the package that the root is, as in Blender, and no thread left behind."""
    name = "linly_extension"
    spec = importlib.util.spec_from_file_location(name, ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
    assert spec is not None
    sys.modules[name] = importlib.util.module_from_spec(spec)
    module = importlib.import_module(f"{name}.operators.worker")
    yield module
    module.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "linly perform"]
    for loaded in [loaded for loaded in sys.modules if loaded.split(".")[0] == name]:
        del sys.modules[loaded]


def wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError("it did not happen in time")


def test_progress_then_the_result(worker: ModuleType) -> None:
    go_on = threading.Event()

    def work(progress: Callable[[float, str], None]) -> str:
        progress(0.25, "speaking")
        go_on.wait(WAIT)
        return "take"

    job = worker.start(work)
    wait_for(lambda: job.poll() or job.stage)
    assert (job.share, job.stage) == (0.25, "speaking")
    assert worker.current() is job
    go_on.set()
    assert wait_for(job.poll) == worker.Outcome("done", "take")


def test_an_error_arrives_whole(worker: ModuleType) -> None:
    def work(progress: Callable[[float, str], None]) -> None:
        raise ZeroDivisionError("no frames")

    outcome = wait_for(worker.start(work).poll)
    assert outcome.kind == "failed"
    assert isinstance(outcome.payload, ZeroDivisionError)
    assert outcome.payload.args == ("no frames",)


def endless(progress: Callable[[float, str], None]) -> None:
    while True:
        progress(0.5, "speaking")
        time.sleep(0.001)


def test_cancelling_ends_at_the_next_progress(worker: ModuleType) -> None:
    job = worker.start(endless)
    job.cancel()
    assert wait_for(job.poll).kind == "cancelled"


def test_one_job_at_a_time(worker: ModuleType) -> None:
    worker.start(endless)
    with pytest.raises(RuntimeError, match="already running"):
        worker.start(endless)


def test_stopping_joins_and_forgets(worker: ModuleType) -> None:
    job = worker.start(endless)
    worker.stop()
    assert job.join(0)
    assert worker.current() is None
    worker.stop()  # with nothing to stop


def test_other_threads_run_on_while_a_take_is_made(worker: ModuleType) -> None:
    """No step of the engine keeps Python to itself: Blender's main thread needs it for every redraw."""
    text = "We open at nine in the *morning*. [nod] Are you coming with us? 你们周末营业吗？" * 40
    perform("Good morning.")  # what is loaded once
    job = worker.start(lambda progress: perform(text, progress=progress))
    turns = 0
    while worker_is_busy(job):
        time.sleep(0.005)
        turns += 1
    assert turns > 20


def worker_is_busy(job: Any) -> bool:
    outcome = job.poll()
    assert outcome is None or outcome.kind == "done", outcome
    return outcome is None
