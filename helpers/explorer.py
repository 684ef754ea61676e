"""Controls that drive a model and a picture of what comes out: turn one, watch the trade-off move.

An explorer is a stage play. `draw` builds the stage once: axes, ticks, labels, all
that stands still. `update` moves the actors, and only they are drawn again, onto a
copy of the empty stage. The browser holds the controls and a picture of the stage;
it sends positions ("the arrival rate stands at its 60th mark") and is sent pictures.
The same values give the same bytes, whatever came before.

Every explorer says in words what it shows, is driven by keyboard alone, and gives its
state as a line of Python. A notebook keeps the last picture and its words, for people
who read without a kernel.
"""

import base64
import io
import itertools
import keyword
import math
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import numpy as np
import traitlets
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import is_color_like, to_rgba_array
from matplotlib.figure import Figure
from PIL import Image

from helpers.figure import COLOR, PIXELS_PER_INCH, SCALE, theme
from helpers.memory import keep_freed_memory

Update = Callable[[Any], Sequence[Any]]

MOST_POSITIONS = 5_000
LONGEST_COMPLAINT = 240

# JupyterLab passes a browser's messages to a thread of their own, so that a control answers while
# a cell runs; Matplotlib has settings that all threads share.
ONE_AT_A_TIME = threading.RLock()


# Controls


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


# The picture


class Palette:
    """The 256 colors of an explorer's pictures, chosen before it is known what comes.

    A color may first appear in a later frame (a mark that says "overload"), so no frame
    is asked. The course's colors and those of the figure's artists are in it exactly, with
    their blends into white, and a coarse cube of all colors, so that none is far from one.
    """

    def __init__(self, figure: Figure) -> None:
        named = unique_rows([*theme_colors(), *artist_colors(figure)])[:48]
        colors = unique_rows([*named, *color_cube(), *grays(), *blends(named)])[:256]
        self.table = np.full((256, 3), 255, dtype=np.uint8)
        self.table[: len(colors)] = colors
        self._nearest = nearest_of(colors)
        for number in reversed(range(len(named))):
            self._nearest[cell_of(named[number])] = number

    def index(self, pixels: np.ndarray) -> np.ndarray:
        """Give the number of the nearest color for each RGBA pixel, packed in 32 bits.

        Pictures are mostly long runs of one color: each run is looked up once.
        """
        flat = pixels.ravel()
        starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
        return np.repeat(self._nearest[cells(flat[starts])], np.diff(starts, append=flat.size))


def unique_rows(colors: Iterable[Any]) -> np.ndarray:
    """Drop colors that come again; the first stays where it is."""
    return np.array(list(dict.fromkeys(tuple(int(v) for v in color) for color in colors)))


def theme_colors() -> np.ndarray:
    """Give white, black and the course's colors, shape (n, 3)."""
    return as_bytes(["white", "black", *COLOR.values()])


def as_bytes(colors: Any) -> np.ndarray:
    """Turn Matplotlib colors into rows of red, green and blue, 0 to 255."""
    return np.rint(to_rgba_array(colors)[:, :3] * 255).astype(int)


def artist_colors(figure: Figure) -> Iterator[Any]:
    """Go through the colors of all that a figure holds, color maps included."""
    for artist in figure.findobj():
        if isinstance(artist, ScalarMappable) and artist.get_array() is not None:
            yield from as_bytes(artist.cmap(np.linspace(0, 1, 16)))
        for part in ("color", "facecolor", "edgecolor", "markerfacecolor", "markeredgecolor"):
            color = getattr(artist, f"get_{part}", lambda: None)()
            if color is not None and (is_color_like(color) or isinstance(color, np.ndarray)):
                yield from as_bytes(color)[:16]


def color_cube(side: int = 4) -> Iterator[tuple[int, ...]]:
    """Spread colors evenly, so that none is far from one of them."""
    levels = np.rint(np.linspace(0, 255, side)).astype(int)
    return itertools.product(levels, repeat=3)


def grays(count: int = 24) -> Iterator[tuple[int, int, int]]:
    """Go from black to white: the edges of letters."""
    return ((level, level, level) for level in np.rint(np.linspace(0, 255, count)).astype(int))


def blends(colors: np.ndarray) -> Iterator[np.ndarray]:
    """Mix what is not gray with white: the edges of lines, and areas that let white through."""
    colored = colors[np.ptp(colors, axis=1) > 16]
    for parts in (2, 4, 8, 16):
        for share in range(1, parts, 2):
            yield from np.rint(255 + (colored - 255) * share / parts).astype(int)


def cells(pixels: np.ndarray) -> np.ndarray:
    """Name the cell of each RGBA pixel, packed little-endian: five bits a channel."""
    return ((pixels >> 3) & 0x1F) | ((pixels >> 6) & 0x3E0) | ((pixels >> 9) & 0x7C00)


def cell_of(colors: np.ndarray) -> np.ndarray:
    """Name the cell of each row of red, green and blue."""
    return (colors >> 3) @ np.array([1, 1 << 5, 1 << 10])


def cell_colors() -> np.ndarray:
    """Give the color in the middle of each cell, shape (32768, 3)."""
    cell = np.arange(1 << 15)
    return np.stack([cell & 31, (cell >> 5) & 31, cell >> 10], axis=1) * 8 + 4


def nearest_of(colors: np.ndarray) -> np.ndarray:
    """Find for each cell the nearest color, green counting most, as the eye does.

    Whole numbers below 2**24 are exact in 32-bit floats, so this is the same on every machine.
    """
    weight = np.array([2, 4, 3])
    distance = (-2 * weight * cell_colors()).astype(np.float32) @ colors.T.astype(np.float32)
    distance += colors**2 @ weight
    return np.argmin(distance, axis=1).astype(np.uint8)


class Stage:
    """A figure that is built once, and of which only the moving artists are drawn again.

    Parameters
    ----------
    draw
        Called once with the figure; returns `update`.
    result
        What the first frame shows.
    size
        Width and height in units of 100 pixels.
    """

    def __init__(
        self, draw: Callable[[Figure], Update], result: object, size: tuple[float, float]
    ) -> None:
        self.grounds = 0
        """How often the standing part was drawn. Counts up when a limit, a tick or any
        artist that `update` did not return has changed: right, but ten times as slow."""
        with theme():
            self.figure = Figure(figsize=size)
            self._canvas: Any = FigureCanvasAgg(self.figure)
            self._update = draw(self.figure)
            if not callable(self._update):
                raise TypeError(f"draw must return a function, got {self._update!r}")
            self._standing: set[Artist] = set()
            self._over: dict[Artist, Overlay] = {}
            moving = self._move(result)
            self._lowest = lowest_of(moving)
            if layout := self.figure.get_layout_engine():
                layout.execute(self.figure)
                self.figure.set_layout_engine("none")
            self._prepare(moving)
        self._palette = Palette(self.figure)

    def sharpen(self, pixel_ratio: int) -> None:
        """Draw from now on with so many pixels for each hundredth of an inch."""
        self.figure.set_dpi(PIXELS_PER_INCH * pixel_ratio)
        self.figure.stale = True

    def show(self, result: object) -> bytes:
        """Draw what moves for this result and give the picture as a PNG."""
        with theme():
            moving = self._move(result)
            if self.figure.stale:
                self._prepare(moving)
            self._paint(moving)
        return self._encode()

    def _move(self, result: object) -> list[Artist]:
        moving = list(flatten(self._update(result)))
        for artist in moving:
            if artist in self._standing:
                raise ValueError(
                    f"update must return {artist} every time or never: it was drawn as standing"
                )
            artist.set_animated(True)
        return moving

    def _prepare(self, moving: list[Artist]) -> None:
        """Draw the ground, then on a sheet each what stands still above something that moves."""
        for artist in self._over:
            artist.set_animated(artist in moving)
        above = [artist for artist in lying_over(self._lowest) if artist not in moving]
        for artist in above:
            artist.set_animated(True)
        self._place = {artist: i for i, artist in enumerate(self.figure.findobj())}
        self._standing = {*above, *(a for a in self._place if not a.get_animated())}
        self._canvas.draw()
        self._ground = self._pixels.copy()
        self._over = {artist: self._trace(artist) for artist in above}
        self.grounds += 1

    def _trace(self, artist: Artist) -> "Overlay":
        renderer = self._canvas.get_renderer()
        renderer.clear()
        artist.draw(renderer)
        return Overlay.of(self._pixels)

    @property
    def _pixels(self) -> np.ndarray:
        """The canvas, shape (height, width, 4)."""
        return np.asarray(self._canvas.buffer_rgba())

    def _paint(self, moving: list[Artist]) -> None:
        pixels = self._pixels
        pixels[...] = self._ground
        renderer = self._canvas.get_renderer()
        with np.errstate(invalid="ignore"):
            for artist in sorted(dict.fromkeys([*moving, *self._over]), key=self._depth):
                if artist in self._over:
                    self._over[artist].lay(pixels)
                else:
                    artist.draw(renderer)

    def _depth(self, artist: Artist) -> tuple[float, float, float, int]:
        axes = artist.axes
        of_axes = (axes.get_zorder(), self._place.get(axes, 0)) if axes else (math.inf, 0)
        return (*of_axes, artist.get_zorder(), self._place.get(artist, len(self._place)))

    def _encode(self) -> bytes:
        height, width, _ = self._pixels.shape
        index = self._palette.index(self._pixels.view("<u4")).tobytes()
        image = Image.frombuffer("P", (width, height), index, "raw", "P", 0, 1)
        image.putpalette(self._palette.table.tobytes())
        buffer = io.BytesIO()
        image.save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()


@dataclass(frozen=True)
class Overlay:
    """The pixels of one artist, to be laid over others: drawing letters anew takes far longer."""

    place: np.ndarray
    paint: np.ndarray
    cover: np.ndarray

    @classmethod
    def of(cls, sheet: np.ndarray) -> "Overlay":
        """Keep what was drawn on an empty sheet, shape (height, width, 4)."""
        place = np.flatnonzero(sheet[..., 3])
        drawn = sheet.reshape(-1, 4)[place].astype(np.uint32)
        cover = drawn[:, 3:].copy()
        drawn[:, 3] = 255
        return cls(place, drawn * cover + 127, 255 - cover)

    def lay(self, canvas: np.ndarray) -> None:
        """Blend over what is there, shape (height, width, 4), as opaque as it was drawn."""
        flat = canvas.reshape(-1, 4)
        flat[self.place] = (flat[self.place] * self.cover + self.paint) // 255


def flatten(artists: Any) -> Iterator[Artist]:
    """Take containers such as bars and error bars apart."""
    if isinstance(artists, Artist):
        yield artists
    elif isinstance(artists, Iterable) and not isinstance(artists, str | bytes):
        for part in artists:
            if part is not None:
                yield from flatten(part)
    else:
        raise TypeError(f"update must return the artists that move, got {artists!r}")


def lowest_of(moving: Iterable[Artist]) -> dict[Axes, float]:
    """Find how low in each axes something moves."""
    lowest: dict[Any, float] = {}
    for artist in moving:
        if artist.axes is not None:
            lowest[artist.axes] = min(lowest.get(artist.axes, math.inf), artist.get_zorder())
    return lowest


def lying_over(lowest: Mapping[Axes, float]) -> Iterator[Artist]:
    """Find what is drawn into these axes at that level or above.

    The grid counts as below whatever its order, so that no tick has to be drawn again.
    """
    for axes, level in lowest.items():
        for artist in (*contents(axes), *axes.spines.values()):
            if artist.get_visible() and artist.get_zorder() >= level:
                yield artist


def contents(axes: Axes) -> Iterator[Artist]:
    """Go through what was drawn into axes; not ticks, titles and labels, which lie outside."""
    for kind in ("lines", "collections", "patches", "texts", "images", "artists"):
        yield from getattr(axes, kind)
    if legend := axes.get_legend():
        yield legend


# The explorer


class Explorer(anywidget.AnyWidget):
    """Controls over a picture that answers at once.

    Parameters
    ----------
    title
        What is explored, in a few words.
    controls
        `Slider`, `Choice` and `Switch`, each named like an argument of the model.
    model
        Called with the controls' values as keyword arguments; returns a result. Give it
        a fixed seed, so that only the controls move the picture.
    draw
        Called once with an empty Matplotlib figure in the course's theme; returns
        `update`, which is called with each result and returns the artists that it moved.
        The rest is drawn once. Keep limits and ticks fixed and change words by `set_text`:
        what `set_ylim`, `set_title` and the like do is seen too, but all is drawn anew then.
    describe
        Called with the result; says in one or two sentences, with numbers, what is seen.
    call
        The function named in the line of Python that reproduces the state.
    size
        Width and height of the picture in units of 100 pixels.

    Attributes
    ----------
    values : dict
        The controls' values by name; may be set, in whole or in part.
    note, alt, code, png
        What is seen in a sentence, the picture's alternative text, the line of Python, and
        the picture.
    result
        The model's latest result.
    pixel_ratio : int
        Pixels of the picture for each pixel of `size`: 2 until a browser on a coarser screen
        says that it shows no more than 1, which halves the time of a move.
    error : Exception or None
        Why the present combination could not be computed; the picture is the last good one.

    Raises
    ------
    ValueError
        When there is no control, or two have one name. What model, draw and describe raise
        for the first values is raised as it is.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")

    title = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    code = traitlets.Unicode().tag(sync=True)
    png = traitlets.Bytes().tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    panel = traitlets.Dict().tag(sync=True)
    positions = traitlets.Dict().tag(sync=True, echo_update=False)
    pixel_ratio = traitlets.Int(SCALE).tag(sync=True)

    def __init__(
        self,
        *,
        title: str,
        controls: Sequence[Control],
        model: Callable[..., Any],
        draw: Callable[[Figure], Update],
        describe: Callable[[Any], str],
        call: str = "explore",
        size: tuple[float, float] = (9, 3.6),
    ) -> None:
        keep_freed_memory()
        check_controls(controls)
        if min(size) <= 0:
            raise ValueError(f"size must be two numbers above 0, got {size}")
        self.controls = tuple(controls)
        self.error: Exception | None = None
        self._call, self._model, self._describe, self._size = call, model, describe, size
        start = {control.name: control.start for control in controls}
        self.result = model(**self._values_at(start))
        self.stage = Stage(draw, self.result, size)
        width, height = (round(side * PIXELS_PER_INCH) for side in size)
        super().__init__(
            title=title,
            panel={
                "controls": [control.panel() for control in controls],
                "width": width,
                "height": height,
            },
            positions=start,
            code=self._code_at(start),
            **self._view(title, self.result),
        )
        self.observe(self._redraw, "positions")
        self.observe(self._sharpen, "pixel_ratio")

    @property
    def values(self) -> dict[str, Any]:
        """The controls' values by name."""
        return self._values_at(self.positions)

    @values.setter
    def values(self, values: Mapping[str, Any]) -> None:
        by_name = {control.name: control for control in self.controls}
        if unknown := sorted(set(values) - set(by_name)):
            raise ValueError(f"values must be named {', '.join(by_name)}, got {', '.join(unknown)}")
        moved = {name: by_name[name].position_of(value) for name, value in values.items()}
        with self.hold_sync():
            self.positions = {**self.positions, **moved}

    def reset(self) -> None:
        """Put every control back to where it stood at first."""
        with self.hold_sync():
            self.positions = {control.name: control.start for control in self.controls}

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take in what a browser sends: positions, made to fit, and how fine its pixels are."""
        if sync_data.get("pixel_ratio") in range(1, SCALE + 1):
            super().set_state({"pixel_ratio": int(sync_data["pixel_ratio"])})
        if "positions" not in sync_data:
            return
        sent = sync_data["positions"]
        given = sent if isinstance(sent, dict) else {}
        fitted = {
            control.name: control.fit(given.get(control.name), self.positions[control.name])
            for control in self.controls
        }
        frame = self.frame
        super().set_state({"positions": fitted})
        if fitted != sent:
            self.send_state("positions")
        if self.frame == frame:  # nothing moved, but the browser waits for an answer
            self.frame += 1

    def _values_at(self, positions: Mapping[str, int]) -> dict[str, Any]:
        return {control.name: control.values[positions[control.name]] for control in self.controls}

    def _code_at(self, positions: Mapping[str, int]) -> str:
        arguments = (f"{name}={value!r}" for name, value in self._values_at(positions).items())
        return f"{self._call}({', '.join(arguments)})"

    def _view(self, title: str, result: object) -> dict[str, Any]:
        note = str(self._describe(result))
        return {"png": self.stage.show(result), "note": note, "alt": f"{title}. {note}"}

    def _redraw(self, _: object = None) -> None:
        with ONE_AT_A_TIME:
            self._answer()

    def _sharpen(self, _: object = None) -> None:
        with ONE_AT_A_TIME, self.hold_sync():
            self.stage.sharpen(self.pixel_ratio)
            self.png = self.stage.show(self.result)
            self.frame += 1

    def _answer(self) -> None:
        try:
            result = self._model(**self.values)
            view = self._view(self.title, result)
        except Exception as error:
            self.error = error
            view = {"note": complaint(error)}
        else:
            self.error, self.result = None, result
        with self.hold_sync():
            self.set_trait("failed", self.error is not None)
            self.code = self._code_at(self.positions)
            for name, value in view.items():
                self.set_trait(name, value)
            self.frame += 1

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Show the live view where there is a kernel; else the picture, else the words."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        still = {
            "text/plain": f"{self.title}\n{self.note}\n{self.code}",
            "image/png": base64.b64encode(self.png).decode(),
        }
        shape = {"width": self.panel["width"], "height": self.panel["height"]}
        return {**data, **still}, {**metadata, "image/png": {"alt": self.alt, **shape}}


def check_controls(controls: Sequence[Control]) -> None:
    """Refuse controls that could not be told apart."""
    if not controls:
        raise ValueError("controls must be one or more, got none")
    names = [control.name for control in controls]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"controls must have names of their own, got {', '.join(twice)} twice")


def complaint(error: Exception) -> str:
    """Say in plain words that a combination has no answer, and why."""
    reason = " ".join(str(error).split()) or type(error).__name__
    if len(reason) > LONGEST_COMPLAINT:
        reason = reason[:LONGEST_COMPLAINT].rstrip() + " …"
    return f"This combination could not be computed: {reason}"


def every_corner(explorer: Explorer) -> Iterator[dict[str, Any]]:
    """Drive an explorer to each control's ends, alone and in pairs, and back.

    The ends of a slider are its lowest and highest value; of a choice or a switch, all it
    has. The other controls stand where they stood at first. Look at the explorer after
    each step: at `error`, `note`, `result`.

    Yields
    ------
    The values that the explorer has been set to.

    Examples
    --------
    `assert all(explorer.error is None for values in every_corner(explorer))`
    """
    start = {control.name: control.start for control in explorer.controls}
    pairs = itertools.combinations(explorer.controls, 2)
    groups = [*((control,) for control in explorer.controls), *pairs]
    corners = (
        tuple({**start, **dict(zip((c.name for c in group), ends, strict=True))}.items())
        for group in groups
        for ends in itertools.product(*(control.extremes for control in group))
    )
    try:
        for corner in dict.fromkeys(corners):
            explorer.positions = dict(corner)
            yield explorer.values
    finally:
        explorer.reset()
