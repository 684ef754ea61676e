"""Turn scheme, servers, virtual nodes and skew; a million keys are placed at every move."""

from typing import cast

from helpers.explorer import Choice, Explorer, Slider
from helpers.sharding.balance_panel import MOST_NODES, MOST_SERVERS, draw_balance_panel
from helpers.sharding.balance_view import BalanceView, view_balance
from helpers.sharding.measures import Scheme

KEYS = 1_000_000
OFFERED: tuple[Scheme, ...] = (
    "modulo",
    "ring",
    "bounded ring",
    "jump",
    "rendezvous",
    "maglev",
    "range",
)


def explore(
    scheme: Scheme = "ring", servers: int = 10, virtual_nodes: int = 100, skew: float = 0.0
) -> Explorer:
    """Show which server has how much, and what moves when one is added.

    Parameters
    ----------
    scheme
        Any but "slots", which is as even as modulo and moves as little as a ring.
    servers
        Before one is added, from 2 to 32.
    virtual_nodes
        Points of each server on a ring, from 1 to 1000; other schemes have none.
    skew
        Exponent of Zipf's law, from 0 to 1.5: how much more the popular keys are asked for.
    """
    nodes = Slider(
        "virtual_nodes",
        "Virtual nodes per server",
        1,
        MOST_NODES,
        virtual_nodes,
        logarithmic=True,
        steps=40,
    )
    return Explorer(
        title="Which server has which key",
        controls=[
            Choice("scheme", "Scheme", list(OFFERED), scheme),
            Slider("servers", "Servers", 2, MOST_SERVERS, servers),
            nodes,
            Slider("skew", "Skew of the requests", 0.0, 1.5, skew, step=0.05),
        ],
        model=run,
        draw=draw_balance_panel,
        describe=describe,
        call="explore",
    )


def run(scheme: str, servers: float, virtual_nodes: float, skew: float) -> BalanceView:
    """Place the keys by one setting."""
    return view_balance(cast(Scheme, scheme), int(servers), int(virtual_nodes), skew, KEYS)


def describe(view: BalanceView) -> str:
    """Say what the picture shows now."""
    return view.in_words
