"""The one error a user is meant to read."""


class UserError(Exception):
    """Something the user can mend.

    The message says what is wrong and what to do, in one or two plain sentences; the command line prints it
    after ``error:`` and an operator reports it. Anything else that is raised is a bug.
    """


class Cancelled(Exception):  # noqa: N818 - it is not an error
    """The user stopped long work; nothing was written."""
