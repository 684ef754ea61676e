"""The best that any eviction could do, were the future known.

A hit means that a key was kept from its last request to this one: it stayed. While
another key is being served, that one takes a place, so the stays of all others share
`capacity` - 1 places. To have the most hits is to fit the most stays into these places:
the interval scheduling of a busy hotel. Take stays in the order in which they end, give
each the room that has been free for the shortest time, and turn it away if none is free.

The hits are those of Belady's MIN, which evicts the key whose next request is farthest
off, request by request: both have the most hits possible at every moment. This way needs
no heap. MIN must take in what it has fetched, like every policy here: no bypass.

Sources: Belady, "A study of replacement algorithms for a virtual-storage computer"
(1966); Carlisle and Lloyd, "On the k-coloring of intervals" (1995).
"""

import numpy as np

from helpers.kernel import kernel


@kernel
def run_optimal(keys, distinct, capacity):  # type: ignore[no-untyped-def]
    """Accept each stay for which a room is free, in the room that was left last.

    `latest[t]` leads to the last moment, up to t, at which a room became free and still
    is; moment 0 stands for the rooms that were never used.
    """
    last_request = np.full(distinct, -1)
    latest = np.empty(keys.size, np.int64)
    hits = np.zeros(keys.size, np.bool_)
    never_used = capacity - 1
    for now in range(keys.size):
        key = keys[now]
        since = last_request[key]
        last_request[key] = now
        latest[now] = max(now - 1, 0)
        if since == now - 1 and now > 0:  # nobody came in between
            hits[now] = True
        elif since >= 0:
            free = since + 1
            while latest[free] != free:
                latest[free] = latest[latest[free]]
                free = latest[free]
            if free > 0 or never_used > 0:
                hits[now] = True
                latest[now] = now
                if free > 0:
                    latest[free] = free - 1
                else:
                    never_used -= 1
    return hits
