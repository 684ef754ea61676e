"""Cut the network and heal it: who is refused, and who reads what is old."""

from helpers.consistency.cut_panel import draw_cut_panel
from helpers.consistency.cut_view import ALONE, LONGEST_CUT, STORES, CutView, cut_and_look
from helpers.explorer import Choice, Explorer, Slider


def cut_the_network(
    store: str = "any copy (R = W = 1)", alone: str = "n1", cut: float = 1.0
) -> Explorer:
    """Show what three people get from a store while one node is cut off.

    Parameters
    ----------
    store
        One of "any copy (R = W = 1)", "quorum (R = W = 2)", "one leader, fail-over" and "leader
        by majority".
    alone
        Which node is cut off: "n1", where a leader is at first, or "n3".
    cut
        Seconds until the network heals, from 0 to 2.
    """
    return Explorer(
        title="Three people, three copies, one cut",
        controls=[
            Choice("store", "Store", list(STORES), store),
            Choice("alone", "Cut off", list(ALONE), alone),
            Slider("cut", "The cut lasts", 0, LONGEST_CUT, cut, step=0.1, unit="s", format=".1f"),
        ],
        model=run,
        draw=draw_cut_panel,
        describe=describe,
        call="cut_the_network",
    )


def run(store: str, alone: str, cut: float) -> CutView:
    """Live through one setting."""
    return cut_and_look(store, alone, cut)


def describe(view: CutView) -> str:
    """Say what the picture shows now."""
    return view.in_words
