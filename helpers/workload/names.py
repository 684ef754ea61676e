"""Names become numbers: the paths, regions and clients of a log as dense ids.

What is private does not come along: query strings and fragments are cut off, and clients
are numbered in the order in which they first arrive.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
NO_PATH = "(no path)"
OTHER = "(other)"
MOST_NAMES = 1 << 20
ROOM = 256 << 20  # bytes that the names of a column may take
OVERHEAD = 200  # bytes that a name takes beside its letters
REMEMBERED = 1 << 16  # names whose number is found without work
LONG = 256  # letters from which a name is not among them

METHOD = re.compile(r"[A-Z]{3,20} ")
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://")
HOST_END = re.compile(r"[/?#]")
PRIVATE = re.compile(r"[?#;]|%(?:3[Ff]|23|3[Bb])")  # also percent-encoded, as double encoding does


class Names:
    """Numbers names in the order in which they come, within bounded memory.

    When the room is used up, further names share the number of "(other)".

    Parameters
    ----------
    most
        How many names to tell apart.
    room
        Bytes that they may take.

    Attributes
    ----------
    of
        Gives the number of a name, a new one if the name is new, UNKNOWN if there is none.

    Examples
    --------
    >>> names = Names(most=2)
    >>> [names.of(name) for name in ("/", "/a", "/", None, "/b", "/c")]
    [0, 1, 0, -1, 2, 2]
    >>> names.known
    ('/', '/a', '(other)')
    """

    def __init__(self, most: int = MOST_NAMES, room: int = ROOM) -> None:
        self._most = most
        self._room = room
        self._numbers: dict[str, int] = {}
        self.of: Callable[[str | bytes | None], int] = lru_cache(REMEMBERED)(self._number)

    def _number(self, name: str | bytes | None) -> int:
        if not name:
            return UNKNOWN
        text = self._cleaned(as_text(name))
        found = self._numbers.get(text)
        if found is not None:
            return found
        self._room -= len(text) + OVERHEAD
        if self._room < 0 or len(self._numbers) >= self._most:
            text = OTHER
        return self._numbers.setdefault(text, len(self._numbers))

    def _cleaned(self, text: str) -> str:
        return text

    @property
    def known(self) -> tuple[str, ...]:
        """The names, each at its number."""
        return tuple(self._numbers)


class Paths(Names):
    """Numbers paths, with what is private cut off unless asked for; see `path_of`."""

    def __init__(
        self, keep_private: bool = False, with_host: bool = False, any_text: bool = False
    ) -> None:
        super().__init__()
        self._cut = {"keep_private": keep_private, "with_host": with_host, "any_text": any_text}
        self._remembered = self.of
        self.of = self._of_target

    def _of_target(self, target: str | bytes | None) -> int:
        if target is None:
            return UNKNOWN
        if not self._cut["keep_private"]:  # most queries differ, while most paths come again
            if isinstance(target, str):
                target = target.partition("?")[0]
            else:
                target = target.partition(b"?")[0]
        return self._remembered(target or "-") if len(target) < LONG else self._number(target)

    def _cleaned(self, text: str) -> str:
        return path_of(text, **self._cut)


def as_text(name: str | bytes) -> str:
    """Give a text that can be printed: odd bytes and halves of characters become escapes."""
    if isinstance(name, bytes):
        return name.decode("utf-8", "backslashreplace")
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def path_of(
    target: str, keep_private: bool = False, with_host: bool = False, any_text: bool = False
) -> str:
    """Give the path of a request line, a URL or a path.

    Parameters
    ----------
    target
        Such as "GET /a?b HTTP/1.1", "https://host/a?b" or "/a?b".
    keep_private
        Whether to keep the query and the fragment.
    with_host
        Whether to put the host before the path of a URL.
    any_text
        Whether a text that is no path may stand for itself, as a key.

    Examples
    --------
    >>> path_of("GET /search?q=shoes HTTP/1.1"), path_of("https://a.example/b#c", with_host=True)
    ('/search', 'a.example/b')
    >>> path_of("CONNECT 192.0.2.1:443 HTTP/1.1")
    '(no path)'
    """
    text = target.strip()
    method = METHOD.match(text)
    if method:
        text = text[method.end() :].removesuffix(" HTTP/1.1")
        text = text.rpartition(" HTTP/")[0] or text
    host, text = split_url(text)
    if not text.startswith(("/", "*")) and (method or not any_text or text == "-"):
        return NO_PATH
    if not keep_private and (private := PRIVATE.search(text)):
        text = text[: private.start()].rstrip()
    return (host + text if with_host else text) or NO_PATH


def split_url(text: str) -> tuple[str, str]:
    """Give the host and the rest of a URL, no host if it is none.

    Examples
    --------
    >>> split_url("https://name:password@a.example/b?c"), split_url("/b"), split_url("http://a?b")
    (('a.example', '/b?c'), ('', '/b'), ('a', '/?b'))
    """
    scheme = SCHEME.match(text)
    if not scheme:
        return "", text
    start = scheme.end()
    end = HOST_END.search(text, start)
    stop = end.start() if end else len(text)
    rest = text[stop:]
    return text[start:stop].rpartition("@")[2], rest if rest.startswith("/") else "/" + rest


class Clients:
    """Turns addresses into numbers that cannot be turned back.

    Each load mixes the address with a salt that nobody keeps. `numbered` then replaces
    the mix by the order of first arrival, so the ids are the same on every load and hold
    nothing of the address.

    Attributes
    ----------
    of
        Gives the mix of an address, at least 0, or UNKNOWN if there is none.
    """

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self.of = lru_cache(maxsize=REMEMBERED)(self._number)

    def _number(self, address: str | bytes | None) -> int:
        if not address:
            return UNKNOWN
        text = address.encode("utf-8", "replace") if isinstance(address, str) else address
        digest = hashlib.blake2b(text, digest_size=8, key=self._salt).digest()
        return int.from_bytes(digest, "big") >> 1


def numbered(mixed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Replace values by numbers in the order of their first appearance.

    Examples
    --------
    >>> numbered(np.array([77, -5, 77, 3])).tolist()
    [0, 1, 0, 2]
    """
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    order = np.empty(first.size, dtype=np.int64)
    order[np.argsort(first)] = np.arange(first.size)
    return order[inverse]
