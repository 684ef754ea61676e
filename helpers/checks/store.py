"""Keep one small file that several notebooks write at once, and lose nothing.

A guest book with one pen: whoever holds the pen (a lock that the system takes back
when its holder dies) reads the page, adds to it, and puts the whole new page in the
old one's place in a single move. A page that cannot be read is kept aside, never
written over; where there is no room for a book, one remembers.
"""

import contextlib
import errno
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

SCHEMA = 1
SECTIONS = ("predictions", "quizzes", "checks")
PATIENCE = 10.0  # seconds to wait for the lock, or for a virus scanner to let go of a file
WINDOWS = os.name == "nt"
TAKEN = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}

if sys.platform == "win32":
    import msvcrt

    def grab(handle: int) -> None:
        """Take the lock now or raise OSError."""
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def let_go(handle: int) -> None:
        """Give the lock back."""
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def grab(handle: int) -> None:
        """Take the lock now or raise OSError."""
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def let_go(handle: int) -> None:
        """Give the lock back."""
        fcntl.flock(handle, fcntl.LOCK_UN)


class DamagedError(ValueError):
    """The file does not hold what was written to it."""


class NewerError(OSError):
    """The file is of a newer schema: it may be neither written over nor called damaged."""


def data_folder() -> Path:
    """Give the folder of the learner's own data.

    It is ``COURSE_DATA`` where that is set, else the place that the system has for it.
    """
    if chosen := os.environ.get("COURSE_DATA"):
        return Path(chosen).expanduser()
    from platformdirs import user_data_dir

    return Path(user_data_dir("architecture-course", appauthor=False))


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file's lock; where a file system has no locks, go on without.

    Raises
    ------
    TimeoutError
        Another process has held it for ten seconds.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        has_lock = wait_for(handle)
        try:
            yield
        finally:
            if has_lock:
                let_go(handle)
    finally:
        os.close(handle)


def wait_for(handle: int) -> bool:
    """Wait for the lock; give False where there are none."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            grab(handle)
            return True
        except OSError as problem:
            if problem.errno not in TAKEN:
                return False
            if time.monotonic() > until:
                raise TimeoutError("the progress file is held by another process") from None
            time.sleep(0.01)


class Store:
    """One JSON file of sections of entries, in a folder that need not be writable.

    Parameters
    ----------
    folder
        Where the file lies. It is made when something is first written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "progress.json"
        self.memory: dict[str, Any] | None = None

    def read(self) -> dict[str, Any]:
        """Give everything that is known."""
        if self.memory is not None:
            return self.memory
        try:
            if not self.file.exists():
                return {"schema": SCHEMA}
            with locked(self.folder / "progress.lock"):
                return self.load()
        except OSError:
            return self.load_without_lock()

    def update(self, change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        """Read, change and write under the lock; give what is known now.

        Parameters
        ----------
        change
            Changes the dictionary that it gets.
        """
        if self.memory is None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                with locked(self.folder / "progress.lock"):
                    known = self.load()
                    change(known)
                    self.save(known)
                return known
            except OSError as problem:
                self.remember_only(problem)
        known = self.read()
        change(known)
        return known

    def load(self) -> dict[str, Any]:
        """Read the file; one that is damaged is set aside first."""
        try:
            return parse(self.file.read_bytes())
        except FileNotFoundError:
            return {"schema": SCHEMA}
        except DamagedError as problem:
            aside = self.set_aside()
            print(
                f"Your progress file could not be read ({problem}). It was kept as {aside}, "
                "and a new one was begun."
            )
            return {"schema": SCHEMA}

    def load_without_lock(self) -> dict[str, Any]:
        """Read the file where one may only read."""
        try:
            return parse(self.file.read_bytes())
        except (OSError, DamagedError) as problem:
            self.remember_only(problem)
            return self.memory or {"schema": SCHEMA}

    def save(self, known: dict[str, Any]) -> None:
        """Put the new file in the old one's place in one move, safe on the disk."""
        handle, name = tempfile.mkstemp(prefix="progress.", suffix=".new", dir=self.folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(known, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            replace(name, self.file)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise

    def set_aside(self) -> Path:
        """Move the damaged file to a name that says so and that nothing has yet."""
        when = datetime.now().strftime("%Y-%m-%d-%H%M%S")
        for count in range(1, 10_000):
            again = "" if count == 1 else f"-{count}"
            aside = self.folder / f"progress-damaged-{when}{again}.json"
            with contextlib.suppress(FileExistsError):
                os.close(os.open(aside, os.O_CREAT | os.O_EXCL))
                replace(self.file, aside)
                return aside
        raise OSError(f"{self.folder} holds too many damaged files")

    def remember_only(self, problem: Exception) -> None:
        """Go on in memory, with what could be read, until the notebook's kernel ends."""
        self.memory = {"schema": SCHEMA}
        with contextlib.suppress(OSError, DamagedError):
            self.memory = parse(self.file.read_bytes())
        reason = getattr(problem, "strerror", None) or str(problem)
        print(
            f"Your progress cannot be kept in {self.folder} ({reason}). "
            "It is remembered until this notebook's kernel stops."
        )


def parse(content: bytes) -> dict[str, Any]:
    """Read a file's content, or say what is wrong with it.

    Raises
    ------
    DamagedError
        It is no progress file, or not whole.
    NewerError
        A newer version of the course wrote it.
    """
    try:
        known = json.loads(content.decode())
    except (ValueError, RecursionError):
        raise DamagedError("it is not whole") from None
    if not isinstance(known, dict) or not isinstance(known.get("schema"), int):
        raise DamagedError("it is not a progress file")
    if known["schema"] > SCHEMA:
        raise NewerError(errno.EPERM, "a newer version of the course wrote the file there")
    for name, section in known.items():
        if name in SECTIONS and not (
            isinstance(section, dict) and all(isinstance(entry, dict) for entry in section.values())
        ):
            raise DamagedError(f"its part {name!r} is not whole")
    return known


def replace(source: str | Path, target: Path) -> None:
    """Move a file over another; on Windows, wait while somebody has the other open."""
    until = time.monotonic() + (PATIENCE if WINDOWS else 0)
    while True:
        try:
            os.replace(source, target)
            return
        except PermissionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
