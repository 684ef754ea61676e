"""Read a log of SQL statements, and find the N+1 in it.

A shopping list in which the same line comes forty times with another number is a list
somebody should have written in one line. Statements are compared with their values left out:
those that come many times in a row of requests are what an object mapper sends from a loop.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from helpers import require

STRING = re.compile(r"'(?:[^']|'')*'")
NUMBER = re.compile(r"(?<![\w$.])[+-]?\d+(?:\.\d+)?(?![\w.])")
MARK = re.compile(r"\$\d+|%s|%\(\w+\)s|:\w+|@\w+|\?\d*")
LISTED = re.compile(r"\(\s*\?(?:\s*,\s*\?)*\s*\)")
VERBS = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|WITH)\b.*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Repeat:
    """A statement that came more than once, but for its values.

    Attributes
    ----------
    statement
        With ? for each value.
    times
        How often it came.
    first
        The line of the log where it came first, counted from 1.
    """

    statement: str
    times: int
    first: int

    @property
    def is_by_key(self) -> bool:
        """Whether it reads and asks for one value of one column: the mark of an N+1."""
        reads = self.statement.upper().startswith("SELECT")
        by_key = r"\bWHERE\b.*(?<![<>!])=\s*\?"
        return reads and bool(re.search(by_key, self.statement, re.IGNORECASE))

    def __repr__(self) -> str:
        return f"{self.times} times, first in line {self.first}: {self.statement}"


def without_values(sql: str) -> str:
    """Write a statement with ? for each value, so that two of one kind are equal.

    Examples
    --------
    >>> without_values("SELECT name FROM  product\\n WHERE id = 17 AND brand = 'O''Neil';")
    'SELECT name FROM product WHERE id = ? AND brand = ?'
    >>> without_values("select 1 from t2 where id in (1, 2, 3)")
    'select ? from t2 where id in (?)'
    """
    text = MARK.sub("?", NUMBER.sub("?", STRING.sub("?", sql)))
    text = " ".join(text.replace('"', "").split()).rstrip("; ")
    return LISTED.sub("(?)", text)


def statements_in(lines: Iterable[str]) -> list[tuple[int, str]]:
    """Pick the statements out of a log's lines, whatever stands before them.

    Returns
    -------
    The number of the line, counted from 1, and the statement.

    Examples
    --------
    >>> statements_in(["2026-01-01 LOG:  execute: SELECT 1", "connection closed"])
    [(1, 'SELECT 1')]
    """
    found = ((i, VERBS.search(line)) for i, line in enumerate(lines, 1))
    return [(i, match[0].strip()) for i, match in found if match]


def find_n_plus_one(lines: Iterable[str], at_least: int = 5) -> list[Repeat]:
    """Find the statements that ask for one row at a time, again and again.

    Parameters
    ----------
    lines
        Statements, or a log with one in each line; also as one text.
    at_least
        How often a statement must come to be named, at least 2.

    Examples
    --------
    >>> log = ["SELECT id FROM orders"] + [f"SELECT * FROM line WHERE id = {i}" for i in range(9)]
    >>> find_n_plus_one(log)
    [9 times, first in line 2: SELECT * FROM line WHERE id = ?]
    """
    at_least = require.whole("at_least", at_least, 2)
    seen: dict[str, list[int]] = {}
    given = lines.splitlines() if isinstance(lines, str) else lines
    for number, statement in statements_in(given):
        seen.setdefault(without_values(statement), []).append(number)
    repeats = (Repeat(text, len(places), places[0]) for text, places in seen.items())
    found = [repeat for repeat in repeats if repeat.times >= at_least and repeat.is_by_key]
    return sorted(found, key=lambda repeat: (-repeat.times, repeat.first))
