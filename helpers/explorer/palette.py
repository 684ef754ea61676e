"""256 colors for all pictures of an explorer: a quarter of the bytes, and quick to encode."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import is_color_like, to_rgba_array
from matplotlib.figure import Figure

from helpers.figure import COLOR


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
