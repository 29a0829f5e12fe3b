"""Servers over HTTP that the user has chosen: which may be asked, how long, and what went wrong in plain words."""

import asyncio
import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from .live.services import Fault, ServiceError

Key = Callable[[], str | None]
"""Gives a server's key when it is needed, so that it is kept nowhere; None or empty when there is none."""

CONNECT_SECONDS: Final = 3.0
"""A server that is there answers the door at once, even far away."""
TOTAL_SECONDS: Final = 15.0
"""From the request to the last byte of the answer: longer than this nobody waits in a conversation."""

_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+|[0-9A-Fa-f:.]+")
_LONGEST_URL: Final = 2000
_LONGEST_EXPLANATION: Final = 200
"""Characters of a server's own words that are shown."""


def no_key() -> None:
    """A ``Key`` for servers that want none."""


def check_host(url: str, allow_online: bool) -> None:
    """Raise ServiceError unless ``url`` is an address that may be asked: on this machine, or anywhere when online.

    This machine is ``localhost``, 127.0.0.0/8 and ::1. A name that merely leads there counts as elsewhere.
    """
    parts = _parts(url)
    if not allow_online and not is_local(url):
        raise ServiceError(
            "setting",
            f"The server {parts.hostname} is not on this machine, and Blender may not go online. Turn on Preferences > "
            "System > Network > Allow Online Access, or choose a server on this machine, such as "
            "http://localhost:8000/v1.",
        )


def is_local(url: str) -> bool:
    """Whether an address is on this machine."""
    host = _parts(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parts(url: str) -> SplitResult:
    """The address taken apart; raise ServiceError when it is none, without repeating what may hold a password."""
    wrong = ServiceError(
        "setting", "This is not the address of a server. It should look like http://localhost:8000/v1, with nothing "
        "before the name and no ? in it."
    )  # fmt: skip
    if len(url) > _LONGEST_URL or not url.isascii() or any(c <= " " or c in "\\\x7f" for c in url):
        raise wrong
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not host or not _HOST.fullmatch(host):
        raise wrong
    if "@" in parts.netloc or parts.query:
        raise wrong
    return parts


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server is and what is asked of it, as in ``http://localhost:8000/v1#model=tts-1&voice=alloy``."""

    base: str
    """Without a slash at its end."""
    options: Mapping[str, str]

    @property
    def host(self) -> str:
        """For messages."""
        return urlsplit(self.base).netloc


def read_address(text: str, known: Mapping[str, str], allow_online: bool) -> Address:
    """Take ``URL#name=value&...`` apart and check that it may be asked.

    Parameters: the text; the options there are, with what they are when not given; whether Blender may go online.
    Raises ServiceError.
    """
    url, _, fragment = text.partition("#")
    check_host(url, allow_online)
    given = dict(parse_qsl(fragment, keep_blank_values=True))
    strange = [name for name in given if name not in known]
    if strange or (fragment and not given):
        raise ServiceError(
            "setting",
            f"After the # of a server's address stand {' and '.join(f'{name}=...' for name in known)}, with & "
            "between two of them, and nothing else.",
        )
    options = {name: value.strip() or known[name] for name, value in {**known, **given}.items()}
    return Address(url.rstrip("/"), options)


class Server:
    """One server, asked over one connection that is kept open. One thread at a time may use it.

    ``what`` names it in messages ("speech server"); its key is asked for at each request and never kept or shown.
    """

    def __init__(self, address: Address, key: Key, what: str, *, total: float = TOTAL_SECONDS) -> None:
        self.address = address
        self._key = key
        self._what = what
        self._total = total
        httpx = load_httpx("Servers")
        self._client: Any = httpx.AsyncClient(
            trust_env=not is_local(address.base),  # the system's proxy is for what lies outside
            follow_redirects=False,
            timeout=httpx.Timeout(None, connect=min(CONNECT_SECONDS, total)),
        )
        self._loop = asyncio.new_event_loop()  # which runs only while something is asked

    def __repr__(self) -> str:
        return f"Server({self.address.host!r})"

    def close(self) -> None:
        """Close the connection; calling it again does nothing."""
        if not self._loop.is_closed():
            self._loop.run_until_complete(self._client.aclose())
            self._loop.close()

    def post(self, path: str, most_bytes: int, **content: Any) -> bytes:
        """Ask, and return the answer's body.

        Parameters: ``path`` below the base; the most bytes the answer may have; ``json``, or ``data`` and ``files``,
        as httpx takes them.
        Raises ServiceError: ``server`` when it does not work, ``refused`` when it will not.
        """
        key = self._checked_key()
        with self._in_plain_words():
            status, body = self._loop.run_until_complete(self._ask(path, most_bytes, key, content))
        if status != 200:
            raise self._refusal(status, body, key)
        return body

    async def _ask(self, path: str, most_bytes: int, key: str, content: Mapping[str, Any]) -> tuple[int, bytes]:
        """Status and body of the answer; one deadline holds for all of it, however slowly its parts come."""
        headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {key}"} if key else {})
        async with asyncio.timeout(self._total):
            request = self._client.build_request("POST", f"{self.address.base}/{path}", headers=headers, **content)
            response = await self._client.send(request, stream=True)
            try:
                return response.status_code, await self._body(response, most_bytes)
            finally:
                await response.aclose()

    def _checked_key(self) -> str:
        key = (self._key() or "").strip()
        if not key.isascii() or not key.isprintable():
            raise ServiceError(
                "refused", f"The key of the {self._what} has characters that no key has. Copy it again, without "
                "anything around it."
            )  # fmt: skip
        return key

    async def _body(self, response: Any, most_bytes: int) -> bytes:
        blocks: list[bytes] = []
        size = 0
        async for block in response.aiter_raw():  # as it comes, for one that is packed could swell
            size += len(block)
            if size > most_bytes:
                raise self._fault(
                    f"sends more than {most_bytes / 1e6:g} MB and was cut off. Check that the address is of a "
                    f"{self._what}"
                )
            blocks.append(block)
        return b"".join(blocks)

    @contextmanager
    def _in_plain_words(self) -> Iterator[None]:
        """Turn httpx's errors into ours; nothing of the request is in the message."""
        httpx = load_httpx("Servers")
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, UnicodeError):  # the last of a name that is none
            raise self._fault(
                "cannot be reached. Start it, or check the address and, when it is elsewhere, the network"
            ) from None
        except (httpx.TimeoutException, TimeoutError):
            raise self._too_slow() from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise self._fault(f"broke off or does not speak HTTP ({type(error).__name__}). Start it again") from None

    def _too_slow(self) -> ServiceError:
        return self._fault(
            f"has not answered within {self._total:g} seconds. Give it a smaller model or a faster machine, or look "
            "whether it hangs"
        )

    def _refusal(self, status: int, body: bytes, key: str) -> ServiceError:
        if status in (401, 403):
            return self._fault("does not accept the key. Enter the key that belongs to this server", "refused")
        if status == 429:
            return self._fault(
                "says that it is asked too often or that the account is used up. Wait a moment, or look at the account",
                "refused",
            )
        said = _explanation(body, key)
        if status >= 500:
            return self._fault(f"has an error of its own ({status}{said}). Look at its output, or start it again")
        if 300 <= status < 400:
            return self._fault(
                f"sends us to another address ({status}), which is not followed. Enter that address", "refused"
            )
        if status in (404, 405):
            return self._fault(
                f"knows no such address or model ({status}{said}). Check the address, which mostly ends in /v1, and "
                "the model's name",
                "refused",
            )
        return self._fault(f"does not accept what it was asked ({status}{said}). Check the model's name", "refused")

    def malformed(self, expected: str) -> ServiceError:
        """The error of an answer that is not as agreed."""
        return self._fault(f"sends something that is not {expected}. Check that the address is of a {self._what}")

    def _fault(self, what: str, kind: Fault = "server") -> ServiceError:
        return ServiceError(kind, f"The {self._what} at {self.address.host} {what}.")


def _explanation(body: bytes, key: str) -> str:
    """A server's own words for its error, fit for one line of a message and without the key; often empty."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    error = answer.get("error", answer) if isinstance(answer, dict) else None
    words = error.get("message") or error.get("detail") if isinstance(error, dict) else error
    if not isinstance(words, str) or not words.strip():
        return ""
    if key:
        words = words.replace(key, "***")
    words = " ".join(words.split())[:_LONGEST_EXPLANATION].rstrip(".")
    return ": " + "".join(letter if letter.isprintable() else "?" for letter in words)


def load_httpx(whose: str) -> ModuleType:
    """The package httpx, only when something asks a server. Raises ServiceError that says whose need it is."""
    try:
        import httpx
    except ImportError as error:
        raise ServiceError(
            "server", f"{whose} need the package httpx, which is not installed. Install the extension's zip for your "
            "platform, or run: pip install httpx"
        ) from error  # fmt: skip
    module: ModuleType = httpx
    return module
