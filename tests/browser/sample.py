"""A small explorer of every kind of control, for the tests: requests at a few servers."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from helpers.explorer import Choice, Explorer, Slider, Switch
from helpers.figure import COLOR

SERVICE_RATE = 20.0
POLICIES = ["round robin", "random", "least connections", "two choices", "address hash"]


@dataclass(frozen=True)
class Load:
    """What the sample shows."""

    rates: np.ndarray
    waits: np.ndarray
    rate: float
    wait: float
    limit: float
    shares: np.ndarray


def load(arrival_rate, servers, variability, queues, policy, backup):
    """Reckon roughly how long requests wait; just enough for a picture that moves."""
    if queues == "one per server" and servers == 1 and backup:
        raise ValueError("backup needs at least 2 servers, got 1")
    limit = servers * SERVICE_RATE
    rates = np.linspace(1, 160, 160)
    factor = (1 + variability**2) / 2 * (POLICIES.index(policy) + 4) / 8
    factor = factor if queues == "one per server" else factor / servers
    used = np.append(rates, arrival_rate) / limit
    with np.errstate(divide="ignore", invalid="ignore"):
        waits = np.where(used < 1, used / (1 - used) * factor / SERVICE_RATE, np.nan)
    shares = np.random.default_rng(1).dirichlet(np.full(servers, 40.0))
    return Load(rates, waits[:-1], arrival_rate, float(waits[-1]), limit, shares)


def draw(figure: Figure):
    """Build the axes and give the function that moves what is in them."""
    curve, bars = figure.subplots(1, 2, width_ratios=[5, 2])
    (line,) = curve.plot([], [], color=COLOR["simulation"])
    (dot,) = curve.plot([], [], "o", color=COLOR["formula"], markersize=7)
    beyond = curve.axvspan(0, 1, color=COLOR["harm_fill"], linewidth=0)
    overload = curve.text(4, 0.43, "", color=COLOR["harm"], weight="bold")
    curve.axhline(0.1, color=COLOR["context"], linestyle="--", linewidth=1.2)
    curve.text(2, 0.108, "a person notices", color=COLOR["context"])
    curve.set(xlim=(0, 160), ylim=(0, 0.5), xlabel="arrival rate (requests/s)")
    curve.set(ylabel="wait (s)", title="Waits bend up near the limit")
    columns = bars.bar(np.arange(1, 9), np.zeros(8), color=COLOR["simulation"])
    bars.set(xlim=(0.4, 8.6), ylim=(0, 1), xticks=range(1, 9), xlabel="server")
    bars.set(ylabel="share of requests", title="Shares are alike")
    bars.grid(axis="x", visible=False)

    def update(result: Load):
        line.set_data(result.rates, result.waits)
        dot.set_data([result.rate], [result.wait])
        beyond.set_visible(result.limit < 160)
        beyond.set_x(result.limit)
        beyond.set_width(max(160 - result.limit, 0))
        overload.set_text("" if np.isfinite(result.wait) else "overload")
        for column, share in zip(columns, [*result.shares, *[0] * 8], strict=False):
            column.set_height(share)
        return line, dot, beyond, overload, columns

    return update


def describe(result: Load) -> str:
    """Say how long a request waits."""
    if not np.isfinite(result.wait):
        return f"Over {result.limit:g} requests/s the queue grows without end."
    return (
        f"At {result.rate:g} requests/s a request waits {result.wait * 1000:.1f} ms on average; "
        f"the servers could do {result.limit:g} requests/s."
    )


def explore(
    arrival_rate=60,
    servers=4,
    variability=1,
    queues="one shared",
    policy="round robin",
    backup=False,
):
    """Show the sample."""
    return Explorer(
        title="Waiting against load",
        controls=[
            Slider("arrival_rate", "Arrival rate", 1, 160, value=arrival_rate, unit="requests/s"),
            Slider("servers", "Servers", 1, 8, value=servers),
            Slider("variability", "Variability", 0.1, 4.0, value=variability, logarithmic=True),
            Choice("policy", "Policy", POLICIES, value=policy),
            Choice("queues", "Queues", ["one shared", "one per server"], value=queues),
            Switch("backup", "Backup server", value=backup),
        ],
        model=load,
        draw=draw,
        describe=describe,
    )
