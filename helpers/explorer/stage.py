"""The picture: what stands still is drawn once, what moves is drawn onto a copy of it."""

import io
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from helpers.explorer.palette import Palette
from helpers.figure import PIXELS_PER_INCH, theme

Update = Callable[[Any], Sequence[Any]]


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
