"""Turn N, R, W, the disks and the network; a million writes and reads behind every move."""

from helpers.consistency.latency_fits import FITS, FitName
from helpers.consistency.pacelc_panel import draw_pacelc_panel
from helpers.consistency.pacelc_view import PacelcView, look_at
from helpers.consistency.wars import run_trials
from helpers.explorer import Choice, Explorer, Slider, Switch

TRIALS = 1_000_000
MOST_REPLICAS = 5
SEED = 0


def explore(
    fit: FitName = "LNKD-DISK", n: int = 3, r: int = 1, w: int = 1, partition: bool = False
) -> Explorer:
    """Show how quick, how fresh and how available a quorum system is.

    Parameters
    ----------
    fit
        How long messages take: "LNKD-SSD", "LNKD-DISK" or "YMMR".
    n
        Replicas, from 1 to 5.
    r, w
        How many of them a read and a write wait for, from 1 to 5; more than n count as n.
    partition
        Whether the network between the replicas is cut.
    """
    for law in FITS.values():  # so that no move has to wait for them
        run_trials(law, MOST_REPLICAS, 1, TRIALS, SEED)
    return Explorer(
        title="How quick, how fresh, how available",
        controls=[
            Choice("fit", "Messages take as long as", list(FITS), fit),
            Slider("n", "Replicas (N)", 1, MOST_REPLICAS, n),
            Slider("r", "Answers a read waits for (R)", 1, MOST_REPLICAS, r),
            Slider("w", "Answers a write waits for (W)", 1, MOST_REPLICAS, w),
            Switch("partition", "Network cut in two", partition),
        ],
        model=run,
        draw=draw_pacelc_panel,
        describe=describe,
        call="explore",
    )


def run(fit: str, n: float, r: float, w: float, partition: bool) -> PacelcView:
    """Look one setting up in what the trials counted."""
    tallies = run_trials(FITS[fit], MOST_REPLICAS, 1, TRIALS, SEED)
    replicas = int(n)
    return look_at(fit, replicas, min(int(r), replicas), min(int(w), replicas), partition, tallies)


def describe(view: PacelcView) -> str:
    """Say what the picture shows now."""
    return view.in_words
