"""Words that move with the data: movable type.

Setting a line of text costs Matplotlib one to four milliseconds, and an explorer has a
dozen of them that change at every move. So each letter is cut once, with its halo, and
a wording is composed of such types: pixels laid side by side, at the nearest whole one.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import Stroke
from matplotlib.text import Text

LINE_SPACING = 1.2
HALO_POINTS = 3.0
Mask = np.ndarray
"""How much of each pixel is covered, 0 to 255, shape (height, width), top row first."""


@dataclass(frozen=True, eq=False)
class Type:
    """One letter, cut: its own pixels, its halo's, and where the next letter begins."""

    letter: Mask
    halo: Mask
    advance: float


@dataclass(frozen=True, eq=False)
class Fount:
    """All letters of one face and size: the sheet that they are cut from, in pixels.

    Attributes
    ----------
    above, below
        From the base line to the top and the bottom of a line of text.
    margin
        Around each letter, for its halo and for what leans over.
    """

    font: FontProperties
    dpi: float
    above: float
    below: float
    margin: int

    @property
    def height(self) -> int:
        """Of every type."""
        return int(np.ceil(self.above + self.below)) + 2 * self.margin


class Label(Text):
    """A text that is quick to move and to change. It does not rotate, and takes no box."""

    def __init__(
        self, x: float, y: float, text: str = "", *, halo: bool = False, **options: Any
    ) -> None:
        super().__init__(x, y, text, **options)
        self._has_halo = halo
        self._composed: tuple[Any, np.ndarray] | None = None

    def draw(self, renderer: Any) -> None:
        """Press the wording where the text stands."""
        if not self.get_visible() or not self.get_text():
            return
        x, y = self.get_transform().transform(self.get_unitless_position())
        if np.isfinite((x, y)).all():
            fount = fount_of(self.get_fontproperties(), renderer.dpi)
            pixels = self._set(fount)
            height, width, _ = pixels.shape
            left = {"left": 0.0, "center": 0.5, "right": 1.0}[self.get_horizontalalignment()]
            down = {"top": 1.0, "center": 0.5, "bottom": 0.0}[self.get_verticalalignment()]
            inner_width, inner_height = width - 2 * fount.margin, height - 2 * fount.margin
            gc = renderer.new_gc()
            renderer.draw_image(
                gc,
                round(x - left * inner_width) - fount.margin,
                round(y - down * inner_height) - fount.margin,
                pixels[::-1],
            )
            gc.restore()
        self.stale = False

    def _set(self, fount: Fount) -> np.ndarray:
        """Give the pixels of the wording; those of the last move, if it is the same."""
        wording = (self.get_text(), self.get_color(), self.get_horizontalalignment(), fount)
        if self._composed is None or self._composed[0] != wording:
            self._composed = wording, self._compose(fount)
        return self._composed[1]

    def _compose(self, fount: Fount) -> np.ndarray:
        """Lay all lines of the wording under each other, shape (height, width, 4)."""
        lines = [compose(line, fount) for line in self.get_text().split("\n")]
        step = round((fount.above + fount.below) * LINE_SPACING)
        width = max(letters.shape[1] for letters, _ in lines)
        sheet = np.zeros((2, step * (len(lines) - 1) + fount.height, width), dtype=np.uint8)
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[self.get_horizontalalignment()]
        for i, masks in enumerate(lines):
            left = round(share * (width - masks[0].shape[1]))
            for part, mask in zip(sheet, masks, strict=True):
                place = part[i * step :, left:][: mask.shape[0], : mask.shape[1]]
                np.maximum(place, mask, out=place)
        return colored(sheet[0], sheet[1] if self._has_halo else None, self.get_color())


def compose(line: str, fount: Fount) -> tuple[Mask, Mask]:
    """Lay the letters of a line side by side; give the line and its halo."""
    types = [type_of(letter, fount) for letter in line]
    begins = np.concatenate([[0.0], np.cumsum([piece.advance for piece in types])])
    width = int(np.ceil(begins[-1])) + 2 * fount.margin
    both = np.zeros((2, fount.height, max([width, *(p.letter.shape[1] for p in types)])), np.uint8)
    for begin, piece in zip(np.rint(begins).astype(int), types, strict=False):
        for part, mask in zip(both, (piece.letter, piece.halo), strict=True):
            place = part[:, begin:][:, : mask.shape[1]]
            np.maximum(place, mask[:, : place.shape[1]], out=place)
    return both[0], both[1]


def colored(letters: Mask, halo: Mask | None, color: Any) -> np.ndarray:
    """Lay letters of a color over a white halo; give straight RGBA."""
    ink = np.rint(np.array(to_rgb(color)) * 255).astype(np.uint32)
    pixels = np.empty((*letters.shape, 4), dtype=np.uint8)
    if halo is None:
        pixels[..., :3], pixels[..., 3] = ink, letters
        return pixels
    cover = letters.astype(np.uint32) * 255
    white = halo.astype(np.uint32) * (255 - letters)
    both = np.maximum(cover + white, 1)
    for channel in range(3):
        pixels[..., channel] = (ink[channel] * cover + 255 * white + both // 2) // both
    pixels[..., 3] = (cover + white + 127) // 255
    return pixels


@lru_cache(maxsize=32)
def fount_of(font: FontProperties, dpi: float) -> Fount:
    """Measure a line of text in this face and size."""
    _, height, below = measure("lp", font, dpi)
    return Fount(font, dpi, height - below, below, margin=int(np.ceil(0.4 * height)))


@lru_cache(maxsize=2048)
def type_of(letter: str, fount: Fount) -> Type:
    """Cut a letter, and its halo."""
    # between two others, since a blank has no outline to measure
    with_it, without = (measure(text, fount.font, fount.dpi)[0] for text in (f"0{letter}0", "00"))
    advance = with_it - without
    plain, wide = (cut(letter, fount, advance, effects) for effects in ([], halo_effects()))
    return Type(plain, wide, advance)


def halo_effects() -> list[Any]:
    """Draw outlines only, as wide as a halo."""
    return [Stroke(linewidth=HALO_POINTS, foreground="black")]


def cut(letter: str, fount: Fount, advance: float, effects: list[Any]) -> Mask:
    """Draw one letter on an empty sheet."""
    from matplotlib.figure import Figure

    width = int(np.ceil(advance)) + 2 * fount.margin
    sheet = RendererAgg(width, fount.height, fount.dpi)
    text = Text(fount.margin, fount.margin + fount.below, letter, fontproperties=fount.font)
    text.set_figure(Figure(dpi=fount.dpi))
    text.set(verticalalignment="baseline", color="black", path_effects=effects or None)
    text.draw(sheet)
    return np.asarray(sheet.buffer_rgba())[..., 3].copy()


def measure(text: str, font: FontProperties, dpi: float) -> tuple[float, float, float]:
    """Give width, height, and how far it reaches below the base line, in pixels."""
    return RendererAgg(8, 8, dpi).get_text_width_height_descent(text, font, False)


def add_label(axes: Axes, x: float, y: float, text: str = "", **options: Any) -> Label:
    """Put a label into axes, in data units unless a `transform` is given.

    Parameters
    ----------
    axes
        Where it belongs.
    x, y
        Where it stands; `set_position` moves it.
    text
        What it says; `set_text` changes it.
    options
        `halo=True` for a white rim; else as of `matplotlib.text.Text`: `color`,
        `ha` (left, center or right), `va` (top, center or bottom), `fontsize`.
    """
    label = Label(x, y, text, **{"transform": axes.transData, "va": "bottom", **options})
    axes.add_artist(label)
    label.set_clip_on(False)
    return label
