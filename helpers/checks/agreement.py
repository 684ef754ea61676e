"""Three witnesses for one number: the simulation, the formula, the published figure.

Each saw the same thing another way. Where they agree within a tolerance that was
stated and justified beforehand, the number is to be believed; where they do not, the
notebook stops there.
"""

import html
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from helpers.checks.cards import number

OWN_SPREAD = "the simulation's own spread"
HEAD = ("quantity", "simulation", "formula", "published", "agree", "tolerance", "source")
SIDES = ("left", "right", "right", "right", "center", "left", "left")


@dataclass(frozen=True)
class Row:
    """One quantity, by two or three of its witnesses.

    Attributes
    ----------
    quantity
        What it is, with its unit.
    simulation
        An estimate with ``value``, ``half_width`` and ``level``, or an exact number.
    formula, published
        Numbers.
    tolerance
        A number (absolute, in the quantity's unit), ``"1 %"`` (of the formula, else of
        the published figure) or ``"4 standard errors"`` (of the simulation; its
        half-width is taken for a normal one). It holds for every pair.
    because
        Why this tolerance; needed unless it is in standard errors.
    source
        Where the published figure is from; needed where there is one.

    Examples
    --------
    >>> row = Row("wait (ms)", simulation=20.4, formula=20.46, tolerance="1 %", because="rounding")
    >>> row.agrees
    True
    """

    quantity: str
    simulation: Any = None
    formula: float | None = None
    published: float | None = None
    tolerance: float | str = "4 standard errors"
    because: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if len(self.numbers) < 2:
            raise ValueError(
                f"{self.quantity} must have two of simulation, formula and published, "
                f"got {', '.join(self.numbers) or 'none'}"
            )
        if self.published is not None and not self.source:
            raise ValueError(f"source of {self.quantity} must say where {self.published} is from")
        amount, unit = self.parsed_tolerance
        if not (math.isfinite(amount) and amount >= 0):
            raise ValueError(f"tolerance of {self.quantity} must be at least 0, got {amount}")
        if unit == "standard errors" and not hasattr(self.simulation, "half_width"):
            raise ValueError(
                f"tolerance of {self.quantity} must not be in standard errors where the "
                f"simulation has none, got {self.simulation!r}"
            )
        if unit != "standard errors" and not self.because:
            raise ValueError(f"because of {self.quantity} must say why {self.tolerance}, got ''")

    @property
    def numbers(self) -> dict[str, float]:
        """The witnesses that there are, in the order of the columns."""
        simulated = getattr(self.simulation, "value", self.simulation)
        all_three = {
            "simulation": simulated,
            "formula": self.formula,
            "published": self.published,
        }
        return {name: float(value) for name, value in all_three.items() if value is not None}

    @property
    def parsed_tolerance(self) -> tuple[float, str]:
        """The tolerance as an amount and its unit: ``""``, ``"%"`` or ``"standard errors"``."""
        if not isinstance(self.tolerance, str):
            return float(self.tolerance), ""
        match = re.fullmatch(r"([\d.]+) ?(%|standard errors?)", self.tolerance)
        if not match:
            raise ValueError(
                f"tolerance of {self.quantity} must be a number, a percentage or a number of "
                f"standard errors, got {self.tolerance!r}"
            )
        return float(match[1]), "%" if match[2] == "%" else "standard errors"

    @property
    def allowed(self) -> float:
        """How far two witnesses may lie apart, in the quantity's unit."""
        amount, unit = self.parsed_tolerance
        if unit == "%":
            reference = self.numbers.get("formula", self.numbers.get("published", math.nan))
            return amount / 100 * abs(reference)
        if unit == "standard errors":
            from statistics import NormalDist

            level = getattr(self.simulation, "level", 0.95)
            z_score = NormalDist().inv_cdf((1 + level) / 2)
            return float(amount * self.simulation.half_width / z_score)
        return amount

    @property
    def disagreements(self) -> list[str]:
        """The pairs that lie too far apart, in words."""
        return [
            f"{one} {number(self.numbers[one])} and {other} {number(self.numbers[other])} "
            f"lie {number(abs(self.numbers[one] - self.numbers[other]))} apart, "
            f"and at most {number(self.allowed)} is allowed"
            for one, other in combinations(self.numbers, 2)
            if not self._is_close(self.numbers[one], self.numbers[other])
        ]

    def _is_close(self, one: float, other: float) -> bool:
        if one == other:  # also where both are infinite
            return True
        return math.isfinite(one) and math.isfinite(other) and abs(one - other) <= self.allowed

    @property
    def agrees(self) -> bool:
        """Whether every pair of witnesses agrees."""
        return not self.disagreements

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table, as text."""
        simulated = self.simulation
        if simulated is not None:
            simulated = str(simulated) if hasattr(simulated, "half_width") else number(simulated)
        tolerance = self.tolerance if isinstance(self.tolerance, str) else number(self.tolerance)
        return (
            self.quantity,
            simulated or "–",
            "–" if self.formula is None else number(self.formula),
            "–" if self.published is None else number(self.published),
            "✓" if self.agrees else "✗",
            f"{tolerance}: {self.because or OWN_SPREAD}",
            self.source or "–",
        )


@dataclass(frozen=True)
class Agreement:
    """A table of rows that agree."""

    rows: tuple[Row, ...]

    def __str__(self) -> str:
        table = [HEAD, *(row.cells for row in self.rows)]
        widths = [max(len(line[column]) for line in table) for column in range(len(HEAD))]
        return "\n".join(lay_out(table, widths))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(
            f'<th scope="col" style="text-align: {side}">{name}</th>'
            for name, side in zip(HEAD, SIDES, strict=True)
        )
        body = "".join(html_row(row.cells) for row in self.rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def lay_out(table: list[tuple[str, ...]], widths: list[int]) -> Iterator[str]:
    """Give the table's lines, columns aligned, with a rule below the head."""
    for place, line in enumerate(table):
        pairs = zip(line, widths, strict=True)
        yield "  ".join(f"{text:<{width}}" for text, width in pairs).rstrip()
        if place == 0:
            yield "  ".join("-" * width for width in widths)


def html_row(cells: tuple[str, ...]) -> str:
    """Give one row of the HTML table."""
    quantity, *rest = (html.escape(cell) for cell in cells)
    numbers = "".join(
        f'<td style="text-align: {side}">{cell}</td>'
        for cell, side in zip(rest, SIDES[1:], strict=True)
    )
    return f'<tr><th scope="row" style="text-align: left">{quantity}</th>{numbers}</tr>'


def agreement(*rows: Row) -> Agreement:
    """Show that simulation, formula and published figure agree, or stop.

    Parameters
    ----------
    *rows
        One for each quantity.

    Returns
    -------
    Agreement
        The table, as text and as HTML.

    Raises
    ------
    AssertionError
        A row does not agree; says which, by how much, and shows the table.

    Examples
    --------
    >>> print(
    ...     agreement(
    ...         Row(
    ...             "servers",
    ...             formula=12,
    ...             published=12,
    ...             tolerance=0,
    ...             because="whole numbers",
    ...             source="table 1",
    ...         )
    ...     )
    ... )
    quantity  simulation  formula  published  agree  tolerance         source
    --------  ----------  -------  ---------  -----  ----------------  -------
    servers   –           12       12         ✓      0: whole numbers  table 1
    """
    if not rows:
        raise ValueError("rows must hold at least one row, got none")
    table = Agreement(rows)
    failed = [f"{row.quantity}: {'; '.join(row.disagreements)}" for row in rows if not row.agrees]
    if failed:
        raise AssertionError("\n".join([*failed, "", str(table)]))
    return table
