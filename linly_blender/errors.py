"""The one error a user is meant to read."""

from collections.abc import Iterable


class UserError(Exception):
    """Something the user can mend.

    The message says what is wrong and what to do, in one or two plain sentences; the command line prints it
    after ``error:`` and an operator reports it. Anything else that is raised is a bug.
    """


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """The user stopped long work; nothing was written."""


def some_of(names: Iterable[str], most: int = 5) -> str:
    """The first of some names as a message lists them, and how many more there are."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return (", ".join(every[:most]) or "nothing") + more
