"""A workload in a few lines of text, the same on every machine."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from helpers.workload.record import Workload


def describe(workload: "Workload") -> str:
    """Say in a line each what the workload's columns hold."""
    lines = [
        f"Workload {workload.name!r}: {len(workload):,} requests in {short(workload.duration)} s"
    ]
    if len(workload):
        lines += [f"  {'arrivals':<9} {arrivals(workload)}"]
        lines += [
            f"  {LABELS[name]:<9} {DESCRIPTIONS[name](workload.column(name), workload)}"
            for name in workload.columns[1:]
        ]
    return "\n".join(lines)


def short(number: float) -> str:
    """Write a number with four digits, or all digits before the point.

    Examples
    --------
    >>> short(3.14159), short(0.5), short(12345.6)
    ('3.142', '0.5', '12,346')
    """
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def in_bytes(number: float) -> str:
    """Write bytes in a unit that fits.

    Examples
    --------
    >>> in_bytes(12), in_bytes(12_345), in_bytes(3e9)
    ('12 B', '12.3 kB', '3 GB')
    """
    power = min(4, int(math.log10(number) // 3)) if number >= 1 else 0
    return f"{number / 1000**power:.3g} {('B', 'kB', 'MB', 'GB', 'TB')[power]}"


def arrivals(workload: "Workload") -> str:
    """Describe how fast requests come and how unevenly."""
    parts = [f"{short(workload.arrival_rate)}/s"]
    if 1 <= workload.duration < 10**7:
        parts += [f"{short(workload.peak_rate(1.0))} in the busiest second"]
    if not math.isnan(workload.interarrival_scv):
        parts += [f"gaps' squared variation {short(workload.interarrival_scv)}"]
    return ", ".join(parts)


def keys(column: NDArray[Any], workload: "Workload") -> str:
    """Describe how many keys were asked for and how the busiest stands out."""
    dense = column.max() < 4 * column.size + 1000
    counts = np.bincount(column) if dense else np.unique(column, return_counts=True)[1]
    share = counts.max() / column.size
    return f"{np.count_nonzero(counts):,} different, the busiest {share:.1%} of requests"


def sizes(column: NDArray[Any], workload: "Workload") -> str:
    """Describe the bytes."""
    middle = np.partition(column, column.size // 2)[column.size // 2]
    return f"{in_bytes(middle)} in the middle, {in_bytes(column.max())} at most"


def regions(column: NDArray[Any], workload: "Workload") -> str:
    """Describe the share of the five busiest regions."""
    counts = np.bincount(column, minlength=len(workload.region_names))
    busiest = np.argsort(-counts, kind="stable")[:5]
    names = workload.region_names or tuple(str(n) for n in range(counts.size))
    more = f" and {counts.size - 5} more" if counts.size > 5 else ""
    return ", ".join(f"{names[n]} {counts[n] / column.size:.1%}" for n in busiest) + more


def clients(column: NDArray[Any], workload: "Workload") -> str:
    """Describe how many clients there are."""
    return f"{np.unique(column).size:,} different"


def statuses(column: NDArray[Any], workload: "Workload") -> str:
    """Describe how often the answer was a server's error."""
    return f"{np.count_nonzero(column >= 500) / column.size:.1%} of answers are 500 or above"


def service_times(column: NDArray[Any], workload: "Workload") -> str:
    """Describe how long requests took."""
    middle = np.partition(column, column.size // 2)[column.size // 2]
    return f"{short(middle)} s in the middle, {short(column.max())} s at most"


LABELS = {
    "key": "key",
    "size": "size",
    "region": "region",
    "client": "client",
    "status": "status",
    "service_time": "service",
}
DESCRIPTIONS = {
    "key": keys,
    "size": sizes,
    "region": regions,
    "client": clients,
    "status": statuses,
    "service_time": service_times,
}
