"""Ask together what is asked at the same time: the batching behind GraphQL servers.

A waiter who takes one order at a time walks to the kitchen once for each guest. A data
loader waits until all at the table have said what they want, then walks once. It collects
the keys that are asked for in one tick, fetches them in one batch, and remembers what it
fetched for as long as the request lasts. After the design of github.com/graphql/dataloader.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from helpers import require

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Promise(Generic[Value]):
    """A value that comes with the next batch."""

    def __init__(self, loader: "DataLoader[Hashable, Value]", key: Hashable) -> None:
        self._loader, self._key = loader, key

    def get(self) -> Value | None:
        """Give the value, fetching the batch that it waits in; None where there is none."""
        return self._loader.wait_for(self._key)


class DataLoader(Generic[Key, Value]):
    """Collect keys, fetch them in one batch, remember the answers.

    Parameters
    ----------
    fetch
        Called with distinct keys in the order in which they were asked for; gives a mapping
        from those that there are to their values.
    most
        Keys in one batch, at least 1; more make several batches.

    Attributes
    ----------
    batches
        How often `fetch` was called.

    Examples
    --------
    >>> loader = DataLoader(lambda keys: {key: key * key for key in keys})
    >>> promises = [loader.load(key) for key in (2, 3, 2)]
    >>> [promise.get() for promise in promises], loader.batches
    ([4, 9, 4], 1)
    """

    def __init__(self, fetch: Callable[[Sequence[Key]], Mapping[Key, Value]], most: int = 1_000):
        self._fetch, self._most = fetch, require.whole("most", most)
        self._waiting: dict[Key, None] = {}
        self._known: dict[Key, Value | None] = {}
        self.batches = 0

    def load(self, key: Key) -> Promise[Value]:
        """Ask for a key, without going anywhere yet."""
        if key not in self._known:
            self._waiting[key] = None
        return Promise(self, key)  # type: ignore[arg-type]

    def wait_for(self, key: Key) -> Value | None:
        """Fetch all that waits if the key is not known yet, and give its value."""
        if key not in self._known:
            self._waiting[key] = None
            self.dispatch()
        return self._known[key]

    def dispatch(self) -> None:
        """End the tick: fetch all keys that wait."""
        keys = list(self._waiting)
        self._waiting.clear()
        for start in range(0, len(keys), self._most):
            batch = keys[start : start + self._most]
            found = self._fetch(batch)
            self.batches += 1
            self._known |= {key: found.get(key) for key in batch}
