"""What a reader turns: sliders, choices and switches, each a row of values with their words."""

import keyword
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

MOST_POSITIONS = 5_000


@dataclass(frozen=True)
class Control:
    """A row of values to choose from; the browser only ever names a position in that row."""

    kind: ClassVar[str]
    name: str
    label: str

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or keyword.iskeyword(self.name):
            raise ValueError(f"name must be a Python name, got {self.name!r}")
        if not self.label.strip():
            raise ValueError(f"label of {self.name} must say what it controls, got {self.label!r}")

    @property
    def values(self) -> tuple[Any, ...]:
        """All values, in the order of the positions."""
        raise NotImplementedError

    @property
    def texts(self) -> tuple[str, ...]:
        """What a person reads at each position."""
        raise NotImplementedError

    @property
    def start(self) -> int:
        """The position at first and after a reset."""
        raise NotImplementedError

    @property
    def extremes(self) -> tuple[int, ...]:
        """The positions at which a model is most likely to break."""
        return tuple(range(len(self.values)))

    def position_of(self, value: object) -> int:
        """Find a value that Python gave.

        Raises
        ------
        ValueError
            When it is none of the values.
        """
        for position, mine in enumerate(self.values):
            if type(mine) is type(value) and mine == value:
                return position
        choices = ", ".join(repr(mine) for mine in self.values)
        raise ValueError(f"{self.name} must be one of {choices}, got {value!r}")

    def fit(self, position: object, otherwise: int) -> int:
        """Make a position from the browser one that exists, or keep the present one."""
        if isinstance(position, bool) or not isinstance(position, int | float):
            return otherwise
        if math.isnan(position):
            return otherwise
        return round(min(max(position, 0), len(self.values) - 1))

    def panel(self) -> dict[str, Any]:
        """What the browser has to know."""
        return {
            "kind": self.kind,
            "name": self.name,
            "label": self.label,
            "texts": list(self.texts),
            "start": self.start,
        }


@dataclass(frozen=True)
class Slider(Control):
    """A number between two ends, in equal steps or, when logarithmic, in equal ratios.

    Parameters
    ----------
    name
        The model's argument.
    label
        What the reader sees.
    low, high
        The ends, both included. Whole numbers stay whole.
    value
        Where it stands at first.
    step
        Distance between neighbors; must divide the range. By default 1 between whole
        numbers, else a power of ten that gives 50 to 500 positions.
    unit
        Written after the number, such as "requests/s".
    logarithmic
        Equal ratios between neighbors, rounded to readable numbers; needs low above 0.
    steps
        The most positions of a logarithmic slider.
    format
        A format specification such as ".1%"; by default as many decimals as the step has.

    Raises
    ------
    ValueError
        When the ends, the value, the step or the format do not fit together.

    Examples
    --------
    >>> Slider("servers", "Servers", 1, 4, value=2).texts
    ('1', '2', '3', '4')
    >>> rate = Slider("rate", "Rate", 1, 1000, value=60, unit="/s", logarithmic=True, steps=7)
    >>> rate.values
    (1, 3, 10, 32, 60, 100, 320, 1000)
    >>> rate.texts[-1]
    '1,000 /s'
    """

    kind: ClassVar[str] = "slider"
    low: float
    high: float
    value: float
    step: float | None = None
    unit: str = ""
    logarithmic: bool = False
    steps: int = 60
    format: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        for argument in ("low", "high", "value"):
            number = getattr(self, argument)
            if isinstance(number, bool) or not is_finite_number(number):
                raise ValueError(
                    f"{argument} of {self.name} must be a finite number, got {number!r}"
                )
        if self.low >= self.high:
            raise ValueError(
                f"low of {self.name} must be below high, got low={self.low} and high={self.high}"
            )
        if not self.low <= self.value <= self.high:
            raise ValueError(
                f"value of {self.name} must lie between {self.low} and {self.high}, "
                f"got {self.value}"
            )
        if self.logarithmic:
            self._check_ratios()
        else:
            self._check_steps()
        try:
            format(self.low, self.specification)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"format of {self.name} must be a format specification, got {self.format!r}"
            ) from error

    def _check_ratios(self) -> None:
        if self.low <= 0:
            raise ValueError(
                f"low of {self.name} must be above 0 on a logarithmic slider, got {self.low}"
            )
        if self.step is not None:
            raise ValueError(
                f"step of {self.name} must be left out on a logarithmic slider, got {self.step}"
            )
        if not 2 <= self.steps <= MOST_POSITIONS:
            raise ValueError(
                f"steps of {self.name} must lie between 2 and {MOST_POSITIONS}, got {self.steps}"
            )

    def _check_steps(self) -> None:
        if self.step is not None and not (is_finite_number(self.step) and self.step > 0):
            raise ValueError(f"step of {self.name} must be a number above 0, got {self.step!r}")
        step = self.stride
        if (exactly(self.high) - exactly(self.low)) % step:
            raise ValueError(
                f"step of {self.name} must divide the range from {self.low} to {self.high}, "
                f"got {step}"
            )
        if (exactly(self.value) - exactly(self.low)) % step:
            raise ValueError(
                f"value of {self.name} must be {self.low} plus a whole number of steps of {step}, "
                f"got {self.value}"
            )
        if (exactly(self.high) - exactly(self.low)) / step >= MOST_POSITIONS:
            raise ValueError(
                f"step of {self.name} must give at most {MOST_POSITIONS} positions, got {step}"
            )

    @property
    def stride(self) -> Decimal:
        """The distance between neighbors of a linear slider."""
        if self.step is not None:
            return exactly(self.step)
        if self.is_whole:
            return Decimal(1)
        return Decimal(10) ** math.floor(math.log10((self.high - self.low) / 50))

    @property
    def is_whole(self) -> bool:
        """Whether all values are whole numbers."""
        given = (self.low, self.high) if self.step is None else (self.low, self.high, self.step)
        return all(isinstance(number, int | np.integer) for number in given)

    @cached_property
    def values(self) -> tuple[float, ...]:
        kind = int if self.is_whole and self.value == int(self.value) else float
        if self.logarithmic:
            marks = spread(kind(self.low), kind(self.high), self.steps) | {kind(self.value)}
            return tuple(sorted(marks))
        low, step = exactly(self.low), self.stride
        count = int((exactly(self.high) - low) / step) + 1
        return tuple(kind(low + i * step) for i in range(count))

    @property
    def specification(self) -> str:
        """How numbers are written."""
        if self.format is not None:
            return self.format
        if self.logarithmic:
            return ",.10g"
        return f",.{max(decimals(exactly(self.low)), decimals(self.stride))}f"

    @cached_property
    def texts(self) -> tuple[str, ...]:
        unit = f" {self.unit}" if self.unit else ""
        return tuple(f"{value:{self.specification}}{unit}" for value in self.values)

    @property
    def start(self) -> int:
        return self.position_of(self.value)

    @property
    def extremes(self) -> tuple[int, ...]:
        return (0, len(self.values) - 1)

    def position_of(self, value: object) -> int:
        """Find the nearest mark to a number between the ends."""
        if isinstance(value, bool) or not is_finite_number(value):
            raise ValueError(f"{self.name} must be a finite number, got {value!r}")
        number = float(value)  # type: ignore[arg-type]
        if not self.low <= number <= self.high:
            raise ValueError(
                f"{self.name} must lie between {self.low} and {self.high}, got {value}"
            )
        right = bisect_left(self.values, number)
        around = range(max(right - 1, 0), min(right + 1, len(self.values)))
        return min(around, key=lambda position: abs(self.values[position] - number))


@dataclass(frozen=True)
class Choice(Control):
    """One of a few named options: radio buttons up to four, a drop-down list beyond.

    Parameters
    ----------
    name
        The model's argument.
    label
        What the reader sees.
    options
        Words or numbers, passed to the model as they are.
    value
        The one chosen at first; by default the first.

    Raises
    ------
    ValueError
        When there is nothing to choose, an option comes twice, or value is no option.
    """

    kind: ClassVar[str] = "choice"
    options: Sequence[str | int | float]
    value: str | int | float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.options, str) or len(self.options) < 2:
            raise ValueError(f"options of {self.name} must be two or more, got {self.options!r}")
        object.__setattr__(self, "options", tuple(self.options))
        if len(set(self.texts)) < len(self.texts):
            raise ValueError(f"options of {self.name} must differ, got {list(self.options)}")
        if self.value is not None and self.value not in self.options:
            raise ValueError(
                f"value of {self.name} must be one of {list(self.options)}, got {self.value!r}"
            )

    @property
    def values(self) -> tuple[str | int | float, ...]:
        return tuple(self.options)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(str(option) for option in self.options)

    @property
    def start(self) -> int:
        return 0 if self.value is None else self.values.index(self.value)


@dataclass(frozen=True)
class Switch(Control):
    """Something that is on or off.

    Parameters
    ----------
    name
        The model's argument, given True or False.
    label
        What the reader sees.
    value
        Whether it is on at first.
    """

    kind: ClassVar[str] = "switch"
    value: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.value, bool):
            raise ValueError(f"value of {self.name} must be True or False, got {self.value!r}")

    @property
    def values(self) -> tuple[bool, ...]:
        return (False, True)

    @property
    def texts(self) -> tuple[str, ...]:
        return ("off", "on")

    @property
    def start(self) -> int:
        return int(self.value)


def is_finite_number(value: object) -> bool:
    """Tell whether something is a number that can be reckoned with."""
    return isinstance(value, int | float | np.integer | np.floating) and math.isfinite(value)


def exactly(number: float) -> Decimal:
    """Give the decimal number a person wrote, free of binary rounding."""
    return Decimal(str(number))


def decimals(number: Decimal) -> int:
    """Count the digits after the point."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def spread(low: float, high: float, steps: int) -> set[float]:
    """Spread readable numbers in equal ratios from low to high, both included.

    Two significant digits, or as many more as it takes to keep over half of the steps.

    Examples
    --------
    >>> sorted(spread(0.1, 4.0, 6))
    [0.1, 0.21, 0.44, 0.91, 1.9, 4.0]
    """
    kind = type(low)
    exact = [low * (high / low) ** (i / (steps - 1)) for i in range(1, steps - 1)]
    for digits in range(2, 16):
        inner = {kind(float(f"{x:.{digits}g}")) if digits < 15 else kind(x) for x in exact}
        marks = {low, high} | {x for x in inner if low < x < high}
        if len(marks) > steps / 2:
            break
    return marks
