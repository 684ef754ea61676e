"""The explorer's picture: hit ratio against size, and what is left for the tier behind."""

from collections.abc import Callable, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from helpers.caching.cache_view import LARGEST, REQUEST_RATE, SMALLEST, CacheView
from helpers.figure import COLOR, in_percent, percent
from helpers.label import add_label

Move = Callable[[CacheView], Sequence[Artist]]


def draw_cache_panel(figure: Figure) -> Move:
    """Lay out curves and bars; give the function that moves them."""
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    move_curves, move_load = draw_curves(left), draw_load(right)

    def update(view: CacheView) -> Sequence[Artist]:
        return [*move_curves(view), *move_load(view)]

    return update


def draw_curves(axes: Axes) -> Move:
    """Draw the hit ratio against the size of the cache, with the chosen point."""
    axes.set(
        xlim=(SMALLEST, LARGEST), ylim=(0, 1.25), xscale="log", xlabel="room in the cache (keys)"
    )
    axes.set_title("Hit ratio by size")
    axes.set_yticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    axes.xaxis.set_major_locator(FixedLocator([10, 100, 1_000, 10_000]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: f"{size:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(in_percent())
    (limit,) = axes.plot([], [], color=COLOR["remedy"], label="the best possible")
    (policy,) = axes.plot([], [], color=COLOR["simulation"], label="this policy")
    (che,) = axes.plot([], [], "--", color=COLOR["formula"], label="LRU, by Che's formula")
    (point,) = axes.plot([], [], "o", ms=9, color=COLOR["simulation"], clip_on=False)
    name = add_label(axes, 0, 0, color=COLOR["simulation"], halo=True, fontweight="bold")
    axes.text(12, 1.19, "the best possible", color=COLOR["remedy"], fontsize=9, va="center")
    axes.text(12, 1.09, "LRU by Che’s formula (dashed)", color=COLOR["formula"], fontsize=9,
              va="center")  # fmt: skip
    mine = add_label(axes, 300, 1.19, color=COLOR["simulation"], fontsize=9, va="center")

    def move(view: CacheView) -> Sequence[Artist]:
        limit.set_data(view.sizes, view.limit)
        policy.set_data(view.sizes, view.curve)
        che.set_data(view.che_sizes, view.che)
        point.set_data([view.capacity], [view.hit_ratio])
        is_right = view.capacity > 400
        name.set_text(percent(float(f"{view.hit_ratio:.3g}")))
        name.set_horizontalalignment("right" if is_right else "left")
        shift, rise = (0.86, 0.02) if is_right else (1.16, -0.1 if view.hit_ratio > 0.12 else 0.03)
        name.set_position((view.capacity * shift, view.hit_ratio + rise))
        mine.set_text(view.policy_name)
        return [limit, policy, che, point, name, mine]

    return move


def draw_load(axes: Axes) -> Move:
    """Draw how much of the load goes on to the tier behind: with this cache, and at best."""
    rows = ((2.0, "no cache"), (1.0, "this cache"), (0.0, "the best\npossible"))
    fills = (COLOR["context_fill"], COLOR["simulation_fill"], COLOR["remedy_fill"])
    axes.set(xlim=(0, REQUEST_RATE * 1.02), ylim=(-0.5, 2.5), yticks=[row[0] for row in rows])
    axes.set_yticklabels([row[1] for row in rows], fontsize=10)
    axes.set(xlabel="requests/s that reach the next tier")
    axes.set_title("What is left for the next tier")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:,.0f}"))
    axes.tick_params(axis="y", left=False)
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    bars = [
        axes.barh(row[0], REQUEST_RATE, height=0.6, color=fill)[0]
        for row, fill in zip(rows, fills, strict=True)
    ]
    texts = [add_label(axes, 150, row[0], va="center", fontweight="bold") for row in rows]

    def move(view: CacheView) -> Sequence[Artist]:
        rates = (REQUEST_RATE, view.miss_rate, view.least_miss_rate)
        for bar, text, rate in zip(bars, texts, rates, strict=True):
            bar.set_width(rate)
            text.set_text(f"{rate:,.0f}/s")
        return [*bars, *texts]

    return move
