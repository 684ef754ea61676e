"""What clients are to do: a plan, written by hand or drawn."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from helpers import require
from helpers.consistency.histories import is_value
from helpers.consistency.store import Store


class Step(NamedTuple):
    """One thing that a client is to do.

    Attributes
    ----------
    at
        Seconds; later if the client is still busy with the step before.
    client
        Its name.
    function, key, argument
        What it asks for.
    via
        Which node it asks; "" for the one it last got on with.
    """

    at: float
    client: str
    function: str
    key: Hashable = "x"
    argument: Any = None
    via: str = ""


def draw_steps(
    clients: int = 4,
    steps: int = 25,
    *,
    keys: Sequence[Hashable] = ("x",),
    writes: float = 0.4,
    cas: float = 0.0,
    rate: float = 20.0,
    rng: int | np.random.Generator = 0,
) -> tuple[Step, ...]:
    """Draw what clients do: at random moments, reads, writes and cas of random keys.

    Every value that is written is new, so that a read tells whose write it saw: "a1" is the first
    of client a.

    Parameters
    ----------
    clients
        How many, 1 to 26.
    steps
        How many for each.
    keys
        Of which keys.
    writes, cas
        Shares of the steps, from 0 to 1 together; the rest are reads.
    rate
        Steps a second of each client, above 0.
    rng
        A seed or a generator.

    Examples
    --------
    >>> [step.function for step in draw_steps(clients=1, steps=4, rng=3)]
    ['write', 'read', 'read', 'write']
    """
    clients = require.whole("clients", clients)
    require.between("clients", clients, 1, 26)
    steps = require.whole("steps", steps)
    require.between("writes", writes, 0, 1)
    require.between("cas", cas, 0, 1)
    if writes + cas > 1 + 1e-9:
        raise ValueError(f"writes and cas must be at most 1 together, got {writes} and {cas}")
    require.positive("rate", rate)
    if not len(keys) or None in keys:
        raise ValueError(f"keys must name at least one key, and not None, got {keys!r}")
    generator = require.generator(rng)
    return tuple(
        step
        for client in "abcdefghijklmnopqrstuvwxyz"[:clients]
        for step in steps_of(client, steps, keys, writes, cas, rate, generator)
    )


def steps_of(
    client: str,
    steps: int,
    keys: Sequence[Hashable],
    writes: float,
    cas: float,
    rate: float,
    rng: np.random.Generator,
) -> Iterator[Step]:
    """Draw the steps of one client."""
    times = np.cumsum(rng.exponential(1 / rate, steps))
    luck, which = rng.random(steps), rng.integers(len(keys), size=steps)
    guess = rng.integers(1, steps + 1, size=steps)
    made = 0
    for at, chance, place, number in zip(times, luck, which, guess, strict=True):
        function = "read"
        argument: Any = None
        if chance < writes + cas:
            made += 1
            function, argument = "write", f"{client}{made}"
        if writes <= chance < writes + cas:
            function, argument = "cas", (f"{client}{max(made - number, 1)}", argument)
        yield Step(float(at), client, function, keys[place], argument)


def check_steps(steps: Iterable[Step], store: Store) -> dict[str, list[Step]]:
    """Give each client's steps, or say what is wrong with one."""
    clients: dict[str, list[Step]] = {}
    for given in steps:
        if not (isinstance(given, Sequence) and 3 <= len(given) <= len(Step._fields)):
            raise ValueError(f"each step must be ({', '.join(Step._fields)}), got {given!r}")
        step = Step(*given)
        if step.function not in store.functions:
            known = ", ".join(store.functions)
            raise ValueError(f"function must be one of {known} for this store, got {step}")
        if step.via and step.via not in store.nodes:
            raise ValueError(f"via must be one of {', '.join(store.nodes)}, got {step}")
        if step.client in store.nodes or not step.client:
            raise ValueError(f"client must be a name other than a node's, got {step}")
        is_pair = isinstance(step.argument, tuple | list) and len(step.argument) == 2
        if step.function == "cas" and not is_pair:
            raise ValueError(f"argument of cas must be (expected, new), got {step}")
        if step.key is None or not is_value(step.key):
            raise ValueError(f"key must not be None, and one that can be looked up, got {step}")
        require.not_negative("at", step.at)
        clients.setdefault(step.client, []).append(step)
    return clients
