"""The lines of a file that may be large, packed, cut short or no text at all.

Lines come as bytes, some thousand at a time, so that memory does not grow with the file.
"""

import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.workload.report import Tally

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LONGEST = 1 << 14  # bytes; a longer line is no request
BATCH = 1 << 15  # bytes read at a time: what a batch becomes stays in the cache
SHOW_PROGRESS_FROM = 16 << 20  # bytes

DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile)
GZIP = b"\x1f\x8b"
UTF8_MARK = b"\xef\xbb\xbf"
FOREIGN = {
    b"\xff\xfe": "UTF-16 text, which must be saved as UTF-8",
    b"\xfe\xff": "UTF-16 text, which must be saved as UTF-8",
    b"PK\x03\x04": "a zip archive, which must be unpacked",
    b"BZh": "a bzip2 archive, which must be unpacked",
    b"\x28\xb5\x2f\xfd": "a zstd archive, which must be unpacked",
    b"\xfd7zXZ": "an xz archive, which must be unpacked",
}


def file_name(path: str | Path) -> str:
    """Give the name of a file without its folder."""
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"path must be a file name, got {path!r}")
    return Path(path).name


def batches_of(
    path: str | Path, tally: Tally, progress: bool | None = None
) -> Iterator[tuple[Sequence[int], list[bytes]]]:
    """Give the lines of a file, some thousand at a time, without spaces around them.

    Blank lines and lines that are too long are counted in the tally, not given.

    Parameters
    ----------
    path
        A text file in UTF-8, plain or packed with gzip.
    tally
        Takes the number of lines, what is wrong, and remarks.
    progress
        Whether to show a progress bar; by default for a large file in a session with
        somebody watching.

    Yields
    ------
    The lines' numbers, counted from 1, and the lines.

    Raises
    ------
    ValueError
        If the path is not a readable file or holds something else than text.
    """
    with opened(path, tally) as (stream, position), progress_bar(path, progress) as advance:
        rest = b""
        try:
            while piece := stream.read1(BATCH):
                *lines, rest = (rest + piece).split(b"\n")
                rest = rest[: LONGEST + 1]  # enough to know that it is too long
                yield numbered_lines(lines, tally)
                advance(position())
        except DAMAGE:
            tally.note(f"the gzip data breaks off or is damaged after line {tally.lines:,}")
        else:
            if rest:
                yield numbered_lines([rest], tally)


def numbered_lines(lines: list[bytes], tally: Tally) -> tuple[Sequence[int], list[bytes]]:
    """Number lines and put aside those that are blank or too long."""
    numbers: Sequence[int] = range(tally.lines + 1, tally.lines + len(lines) + 1)
    tally.lines += len(lines)
    lines = [*map(bytes.strip, lines)]
    if all(lines) and max(map(len, lines), default=0) <= LONGEST:
        return numbers, lines
    tally.blank += lines.count(b"")
    for number, line in zip(numbers, lines, strict=True):
        if len(line) > LONGEST:
            tally.reject(number, f"longer than {LONGEST:,} bytes")
    fits = [0 < len(line) <= LONGEST for line in lines]
    return [*compress(numbers, fits)], [*compress(lines, fits)]


def lines_of(
    path: str | Path, tally: Tally, progress: bool | None = None
) -> Iterator[tuple[int, bytes]]:
    """Give the lines of a file one at a time with their numbers; see `batches_of`."""
    for numbers, lines in batches_of(path, tally, progress):
        yield from zip(numbers, lines, strict=True)


@contextmanager
def opened(path: str | Path, tally: Tally) -> Iterator[tuple[io.BufferedReader, Callable[[], int]]]:
    """Open a file as bytes, unpacked, behind its byte order mark.

    Gives the stream and a function for the position within the file on disk.
    """
    try:
        if not Path(path).is_file():
            kind = "a folder" if Path(path).is_dir() else "no such file"
            raise ValueError(f"path must be a file, got {str(path)!r}: {kind}")
        raw = open(path, "rb")  # noqa: SIM115 closed by the with below
    except OSError as error:
        raise ValueError(f"path must be a file, got {str(path)!r}: {error.strerror}") from None
    with raw:
        start = raw.peek(8)[:8]
        for mark, what in FOREIGN.items():
            if start.startswith(mark):
                raise ValueError(f"path must be text or gzip, got {str(path)!r}: {what}")
        stream: io.BufferedReader = raw
        if start.startswith(GZIP):
            stream = io.BufferedReader(Unpacked(gzip.GzipFile(fileobj=raw)), buffer_size=BATCH)
            tally.note("unpacked from gzip")
            with suppress(*DAMAGE):  # met again, and reported, when the file is read
                start = stream.peek(8)[:8]
        if start.startswith(UTF8_MARK):
            stream.read(len(UTF8_MARK))
            tally.note("starts with a byte order mark, skipped")
        yield stream, raw.tell


class Unpacked(io.RawIOBase):
    """Gives what gzip has unpacked so far, so that a file cut short is read to the cut."""

    def __init__(self, packed: gzip.GzipFile) -> None:
        self._packed = packed

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer with the next piece."""
        room = memoryview(buffer)
        piece = self._packed.read1(len(room))
        room[: len(piece)] = piece
        return len(piece)


@contextmanager
def progress_bar(path: str | Path, wanted: bool | None) -> Iterator[Callable[[int], None]]:
    """Show how far the reading is; gives a function that takes the position in bytes."""
    size = Path(path).stat().st_size
    if not (is_watched() and size >= SHOW_PROGRESS_FROM if wanted is None else wanted):
        yield lambda position: None
        return
    from tqdm import tqdm

    with tqdm(total=size, unit="B", unit_scale=True, leave=False, desc=Path(path).name) as bar:

        def advance(position: int) -> None:
            bar.update(position - bar.n)

        yield advance


def is_watched() -> bool:
    """Tell whether a person sees the progress: a terminal or a notebook, no build or test."""
    if "COURSE_DATA" in os.environ or "PYTEST_VERSION" in os.environ:
        return False
    return sys.stderr.isatty() or "ipykernel" in sys.modules
