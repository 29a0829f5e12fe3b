"""What the character answers: an echo, a file of questions and answers, or a language model."""

import time
from collections.abc import Callable
from pathlib import Path

from ..live.services import Responder, ServiceError
from .echo import Echo
from .faq import Faq
from .llm import LanguageModel


def open_responder(
    spec: str,
    language: str = "en",
    model: str = "",
    persona: str = "",
    key: Callable[[], str | None] = lambda: None,
    allow_online: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> Responder:
    """The mind that ``live.settings.Settings.responder`` names: ``echo``, ``faq:FILE`` or ``llm:URL``.

    Parameters: of a language model ``model``, ``persona``, ``key`` and ``allow_online`` as ``LanguageModel`` has them;
    ``#structured`` at the end of its URL asks its server to hold it to the structured form.
    Raises ServiceError("setting") for anything else, and for a file or an address that cannot be used.
    """
    kind, _, where = spec.strip().partition(":")
    if kind == "echo" and not where:
        return Echo(language)
    if kind == "faq" and where:
        return Faq(Path(where).expanduser(), language)
    if kind == "llm" and where:
        url, _, option = where.partition("#")
        if option not in ("", "structured"):
            raise ServiceError("setting", "After the # of a language model's address only structured may stand.")
        return LanguageModel(
            url,
            model=model,
            persona=persona,
            language=language,
            key=key,
            allow_online=allow_online,
            structured=option == "structured",
            clock=clock,
        )
    raise ServiceError(
        "setting",
        "The responder has to be echo, faq:FILE with a file of questions and answers, or llm:URL with the address of a "
        "language model's server, such as llm:http://localhost:11434/v1.",
    )
