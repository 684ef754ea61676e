"""Access logs: what a server wrote about each request it answered.

Three forms, told apart line by line: the Common Log Format, the Combined one with referrer
and browser behind it, and JSON lines. Only what a model can use is kept.

No package serves here: of those on PyPI the best kept, apachelogs, takes about six times
as long a line, reads no JSON lines, and leaves it to the caller to count what is broken.
"""

import json
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress, groupby
from pathlib import Path

from helpers.workload.fields import Layout, layout_of, row_of
from helpers.workload.gather import Columns, Row
from helpers.workload.lines import batches_of, file_name
from helpers.workload.names import UNKNOWN, Paths
from helpers.workload.randomness import Seed
from helpers.workload.record import Workload
from helpers.workload.report import Tally
from helpers.workload.timestamps import Clock

# Each repetition is possessive (++, *+): no line, however odd, makes the search step back.
TEXT = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'  # what may stand within quotes
START = (
    rb"(?!\{)(?:[^\s:]++:\d++ )?+"  # the site, where a server writes one log for several
    rb"(\S{1,255}+) \S++ [^\[]{0,255}+"  # client, and two names of the user
    rb'\[([^\]]{1,40}+)\] "(' + TEXT + rb')" (\d{3}) (\d{1,15}+|-)'
)
BROWSER = rb' "' + TEXT + rb'" ("' + TEXT + rb'")'
LINE = re.compile(START + rb"(?:" + BROWSER + rb'|(?= [^"]|$))( .*)?$')
CUT_LINE = re.compile(START)
SECONDS = re.compile(rb'(?:^| rt=| request_time=) ?"?(\d{1,7}\.\d{1,9})"?(?: |$)')
NESTED = ("request", "httpRequest")  # Caddy and Google Cloud put part of a record in a box

DECODER = json.JSONDecoder()

JSON_LINES, COMMON, COMBINED = "JSON lines", "common log", "combined log"


def from_access_log(
    path: str | Path,
    *,
    keep_private: bool = False,
    spread_seconds: bool = True,
    rng: Seed = 0,
    progress: bool | None = None,
) -> Workload:
    """Read an access log: Common, Combined or JSON lines, plain or gzip.

    Times are those in the log; most servers write them when the answer is complete.
    Beyond the columns, memory holds each different path once (about 200 bytes and its
    letters, up to 256 MiB; what comes then goes by "(other)").

    Parameters
    ----------
    path
        The file.
    keep_private
        Keep query strings, and the addresses of clients as `client_names`. Otherwise
        neither is in the workload. What stands in a path itself always is.
    spread_seconds
        Spread the requests of each second at random over it, where the log knows whole
        seconds only. Otherwise they would all arrive at once.
    rng
        A seed or a generator for that.
    progress
        Whether to show a progress bar; by default for a large file, if somebody watches.

    Returns
    -------
    The requests, with what was found in the file as `report`.

    Raises
    ------
    ValueError
        If the path is no readable text file, or there is no request in it.

    Examples
    --------
    >>> from helpers.workload.samples import sample
    >>> from_access_log(sample("access.log")).report.rejected
    7
    """
    tally, clock = Tally(file_name(path)), Clock()
    columns = Columns(Paths(keep_private), keep_private)
    reader = LogReader(columns, clock, tally)
    for numbers, lines in batches_of(path, tally, progress):
        reader.take(numbers, lines)
    return columns.workload(tally, clock, " and ".join(sorted(reader.forms)), spread_seconds, rng)


class LogReader:
    """Takes lines by the thousand, and finds out which form they have.

    Lines in the common forms become columns without a step of Python for each: that is
    what makes a million lines a matter of seconds.
    """

    def __init__(self, columns: Columns, clock: Clock, tally: Tally) -> None:
        self.forms: set[str] = set()
        self._columns = columns
        self._clock = clock
        self._tally = tally
        self._seconds_in = lru_cache(maxsize=1 << 12)(seconds_in)

    def take(self, numbers: Sequence[int], lines: list[bytes]) -> None:
        """Take lines of any form with their numbers."""
        matches = [*map(LINE.match, lines)]
        if None not in matches:
            self.take_rows(numbers, [match.groups() for match in matches if match])
            return
        found = zip(numbers, lines, matches, strict=True)
        for is_common, stretch in groupby(found, key=lambda triple: triple[2] is not None):
            if is_common:
                some, _, hits = zip(*stretch, strict=True)
                self.take_rows(some, [match.groups() for match in hits])
            else:
                for number, line, _ in stretch:
                    self.take_other(number, line)

    def take_rows(self, numbers: Sequence[int], rows: list[tuple[bytes, ...]]) -> None:
        """Take what LINE found in lines of the common forms."""
        if not rows:
            return
        clients, times, targets, statuses, sizes, agents, rests = zip(*rows, strict=True)
        seconds = [*map(self._clock.read_or_nan, times)]
        if agents.count(None) < len(agents):
            self.forms.add(COMBINED)
        if math.isnan(sum(seconds)) or (None in agents and COMBINED in self.forms):
            fits = [self.fits(*row) for row in zip(numbers, seconds, agents, strict=True)]
            self.take_rows([*compress(numbers, fits)], [*compress(rows, fits)])
            return
        if None in agents:
            self.forms.add(COMMON)
        self._columns.add_all(
            seconds,
            targets,
            [0 if size == b"-" else int(size) for size in sizes],
            clients,
            [*map(int, statuses)],
            [*map(self._seconds_in, rests)],
        )

    def fits(self, number: int, seconds: float, agent: bytes | None) -> bool:
        """Tell whether a line has a time and all that the lines around it have."""
        if math.isnan(seconds):
            self._tally.reject(number, "time not understood")
        elif agent is None and COMBINED in self.forms:
            self._tally.reject(number, "shorter than the lines around it")
        else:
            return True
        return False

    def take_other(self, number: int, line: bytes) -> None:
        """Take a line that is JSON, or say what is wrong with it."""
        try:
            if not line.startswith(b"{"):
                cut = CUT_LINE.match(line)
                raise ValueError("cut off within quotes" if cut else "not a log line")
            self._columns.add(from_json_line(line, self._clock))
            self.forms.add(JSON_LINES)
        except ValueError as error:
            self._tally.reject(number, str(error))


def seconds_in(rest: bytes | None) -> float:
    """Find how long a request took in what stands behind a log line, if it does.

    nginx writes seconds with a point; a whole number, as Apache writes it, may be seconds
    or microseconds and is left alone.

    Examples
    --------
    >>> seconds_in(b" rt=0.012"), seconds_in(b" 0.012"), seconds_in(b" 1200")
    (0.012, 0.012, -1)
    """
    found = SECONDS.search(rest) if rest else None
    return float(found[1]) if found else UNKNOWN


def from_json_line(line: bytes, clock: Clock) -> Row:
    """Read a line that is a JSON object.

    Examples
    --------
    >>> from_json_line(b'{"ts": 1774746000.5, "request": {"uri": "/"}}', Clock()).target
    '/'
    """
    try:
        text = line.decode()
        record, end = DECODER.raw_decode(text)
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except (ValueError, RecursionError):
        raise ValueError("not valid JSON") from None
    if end < len(text):
        raise ValueError("not valid JSON")
    for box in NESTED:
        if isinstance(record.get(box), dict):
            record = record.pop(box) | record
    return row_of(record, known_layout(tuple(record)), clock)


@lru_cache(maxsize=64)
def known_layout(names: tuple[str, ...]) -> Layout:
    """Remember where the columns are in records alike."""
    return layout_of(dict(zip(names, names, strict=True)))
