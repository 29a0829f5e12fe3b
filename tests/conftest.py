"""For every lane: property tests draw the same examples in every run, so that a red suite is red for a reason.

``HYPOTHESIS_PROFILE=explore`` draws new ones.
"""

import gc
import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", derandomize=False, print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


def pytest_unconfigure() -> None:
    """Take Hypothesis's hook of the garbage collector away: bpy 4.5 waits for ever at the end of a process with one."""
    gc.callbacks.clear()
