"""What can go wrong when two transactions meet, and which level of isolation allows it.

Each anomaly is a score for two players and a judge: the same steps in the same order at
every level, and the question whether the harm was done. The first three are those by which
the SQL standard defines its levels; lost update and write skew are from Berenson and others,
"A Critique of ANSI SQL Isolation Levels" (SIGMOD 1995), who showed that three are not enough.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from helpers.databases.schedules import Outcome, Step, run_on_model
from helpers.databases.versions import LEVELS, Level

Run = Callable[[Mapping[str, int], Sequence[Step], Level], Outcome]


@dataclass(frozen=True)
class Anomaly:
    """A way in which two transactions can harm each other.

    Attributes
    ----------
    name
        As the field calls it.
    story
        What happens, in a sentence.
    rows
        What is there at first.
    steps
        Who does what, in order.
    judge
        Tells from the outcome whether the harm was done.
    """

    name: str
    story: str
    rows: Mapping[str, int]
    steps: tuple[Step, ...]
    judge: Callable[[Outcome], bool]

    def happens(self, level: Level, run: Run = run_on_model) -> bool:
        """Play it at a level, and tell whether the harm was done."""
        return self.judge(run(self.rows, self.steps, level))


def anomalies() -> tuple[Anomaly, ...]:
    """Write down the five scores."""
    return (
        Anomaly(
            "dirty read",
            "B reads a balance that A takes back.",
            {"balance": 100},
            (
                Step("A", "write", "balance", value=lambda notes: 0),
                Step("B", "read", "balance", "seen"),
                Step("A", "rollback"),
                Step("B", "commit"),
            ),
            lambda outcome: outcome.notes["B"]["seen"] == 0,
        ),
        Anomaly(
            "non-repeatable read",
            "B reads a price twice, and A changes it in between.",
            {"price": 100},
            (
                Step("B", "read", "price", "first"),
                Step("A", "write", "price", value=lambda notes: 120),
                Step("A", "commit"),
                Step("B", "read", "price", "second"),
                Step("B", "commit"),
            ),
            lambda outcome: outcome.notes["B"]["first"] != outcome.notes["B"].get("second", 100),
        ),
        Anomaly(
            "phantom",
            "B adds up a customer's orders twice, and A adds one in between.",
            {"order 1": 10, "order 2": 20},
            (
                Step("B", "search", "order", "first"),
                Step("A", "write", "order 3", value=lambda notes: 30),
                Step("A", "commit"),
                Step("B", "search", "order", "second"),
                Step("B", "commit"),
            ),
            lambda outcome: outcome.notes["B"]["first"] != outcome.notes["B"].get("second", 30),
        ),
        Anomaly(
            "lost update",
            "A and B both read a stock of 10, and each writes 9.",
            {"stock": 10},
            (
                Step("A", "read", "stock", "seen"),
                Step("B", "read", "stock", "seen"),
                Step("A", "write", "stock", value=lambda notes: notes["seen"] - 1),
                Step("A", "commit"),
                Step("B", "write", "stock", value=lambda notes: notes["seen"] - 1),
                Step("B", "commit"),
            ),
            lambda outcome: outcome.all_committed("A", "B") and outcome.rows["stock"] == 9,
        ),
        Anomaly(
            "write skew",
            "Two doctors are on call; each sees the other one and goes off.",
            {"on call: Ann": 1, "on call: Ben": 1},
            (
                Step("A", "search", "on call", "on"),
                Step("B", "search", "on call", "on"),
                Step("A", "write", "on call: Ann", value=lambda notes: 0 if notes["on"] > 1 else 1),
                Step("A", "commit"),
                Step("B", "write", "on call: Ben", value=lambda notes: 0 if notes["on"] > 1 else 1),
                Step("B", "commit"),
            ),
            lambda outcome: sum(outcome.rows.values()) == 0,
        ),
    )


ANOMALIES: Mapping[str, Anomaly] = MappingProxyType({each.name: each for each in anomalies()})
"""The five, by name."""

STANDARD: Mapping[str, Mapping[str, bool | None]] = MappingProxyType(
    {
        "read uncommitted": dict(zip(ANOMALIES, (True, True, True, None, None), strict=True)),
        "read committed": dict(zip(ANOMALIES, (False, True, True, None, None), strict=True)),
        "repeatable read": dict(zip(ANOMALIES, (False, False, True, None, None), strict=True)),
        "serializable": dict.fromkeys(ANOMALIES, False),
    }
)
"""What the SQL standard (SQL-92, table 9) lets happen; None where it names no such thing."""


@dataclass(frozen=True)
class IsolationTable:
    """Which level lets which anomaly happen.

    Attributes
    ----------
    happens
        By level, then by anomaly; None where it was not tried.
    """

    happens: Mapping[str, Mapping[str, bool | None]]

    def __repr__(self) -> str:
        words = {True: "happens", False: "–", None: "not named"}
        names = list(next(iter(self.happens.values())))
        lines = [f"{'':18}" + "".join(f"{name:>21}" for name in names)]
        for level, row in self.happens.items():
            lines.append(f"{level:18}" + "".join(f"{words[row[name]]:>21}" for name in names))
        return "\n".join(lines)

    def differences(self, other: "IsolationTable") -> list[tuple[str, str]]:
        """List the (level, anomaly) pairs where both say something, and not the same."""
        return [
            (level, name)
            for level, row in self.happens.items()
            for name, mine in row.items()
            if None not in (mine, theirs := other.happens.get(level, {}).get(name))
            and mine != theirs
        ]


def which_happen(level: Level, run: Run = run_on_model) -> dict[str, bool]:
    """Play all five at a level.

    Parameters
    ----------
    level
        Of isolation.
    run
        On what: the model, or one of `real_isolation`.

    Examples
    --------
    >>> [name for name, happens in which_happen("repeatable read").items() if happens]
    ['write skew']
    """
    return {name: anomaly.happens(level, run) for name, anomaly in ANOMALIES.items()}


def isolation_table(run: Run = run_on_model) -> IsolationTable:
    """Play all five at all levels.

    Examples
    --------
    >>> isolation_table().happens["serializable"]["write skew"]
    False
    """
    return IsolationTable({level: which_happen(level, run) for level in LEVELS})
