"""Answers to the lab "Reads that hold" that are wrong, as people get them wrong.

`WRONG` names for each question the mistakes that its check has to find, and for each
of them an answer that makes it. The first line of an answer's docstring says what its
author thought. `MODEL` runs the memories inside the course's model.
"""

from collections import Counter

from helpers.consistency.lab import NOBODY_WROTE, broken_by
from helpers.consistency.model import GUARANTEES, newest_and_stale
from helpers.consistency.stormy_days import (
    MEMORY_DAYS,
    FirstKept,
    LastHeard,
    NewestKnown,
    NoMemory,
    Oldest,
    OneShelf,
    OwnFirst,
    ReadsOnly,
    WritesOnly,
    memory_day,
    shown_on,
)

# How many to ask


def as_many_as_may_lack_it(n, w):
    """n − w copies may lack the write: ask those."""
    return n - w


def a_majority(n, w):
    """More than half is always enough."""
    return n // 2 + 1


def all_of_them(n, w):
    """Ask everybody, to be sure."""
    return n


def as_many_as_wrote(n, w):
    """Read as many as were written."""
    return w


def one_to_be_safe(n, w):
    """R + W > N, and one more."""
    return n - w + 2


# The quorum read


def believe_the_quickest(replies):
    """The first reply is the answer."""
    _, stale = newest_and_stale(replies)
    return replies[0], stale


def believe_the_last(replies):
    """The reply that came last is the latest."""
    return replies[-1], [reply.node for reply in replies[:-1]]


def believe_the_oldest(replies):
    """Of two versions the smaller is newer."""
    oldest = min(replies, key=lambda reply: reply.version)
    return oldest, [reply.node for reply in replies if reply.version > oldest.version]


def greatest_reply(replies):
    """Python knows which reply is the greatest."""
    return max(replies), [reply.node for reply in replies if reply.version < max(replies).version]


def newest_by_time(replies):
    """A version is a time."""
    newest = max(replies, key=lambda reply: reply.version[0])
    return newest, [reply.node for reply in replies if reply.version[0] < newest.version[0]]


def give_the_reply(replies):
    """The reply is what was asked for."""
    return newest_and_stale(replies)[0]


def greatest_value(replies):
    """The greatest value is the newest."""
    newest = max(replies, key=lambda reply: str(reply.value))
    return newest, [reply.node for reply in replies if reply.value != newest.value]


def vote(replies):
    """What most copies say is right."""
    [(value, _)] = Counter(reply.value for reply in replies).most_common(1)
    chosen = [reply for reply in replies if reply.value == value]
    return max(chosen, key=lambda reply: reply.version), [
        reply.node for reply in replies if reply.value != value
    ]


def vote_among_three(replies):
    """From three replies on the majority is right; of two, the newer."""
    return vote(replies) if len(replies) > 2 else newest_and_stale(replies)


def repair_nobody(replies):
    """The newest is the answer, and the copies will find out by themselves."""
    return newest_and_stale(replies)[0], []


def repair_the_newest(replies):
    """Tell those who have it."""
    newest, _ = newest_and_stale(replies)
    return newest, [reply.node for reply in replies if reply.version == newest.version]


def repair_everybody(replies):
    """Send it to all, it does no harm."""
    return newest_and_stale(replies)[0], [reply.node for reply in replies]


def repair_what_differs(replies):
    """A copy with the same value is not behind."""
    newest, _ = newest_and_stale(replies)
    return newest, [reply.node for reply in replies if reply.value != newest.value]


def compare_the_time(replies):
    """A copy is behind if its time is earlier."""
    newest, _ = newest_and_stale(replies)
    return newest, [reply.node for reply in replies if reply.version[0] < newest.version[0]]


def leave_the_empty_alone(replies):
    """Who has nothing, has nothing old."""
    newest, stale = newest_and_stale(replies)
    empty = {reply.node for reply in replies if reply.value is None}
    return newest, [node for node in stale if node not in empty]


def repair_replies(replies):
    """Give the replies that are behind."""
    newest, _ = newest_and_stale(replies)
    return newest, [reply for reply in replies if reply.version < newest.version]


def give_the_value(replies):
    """The value is what was asked for."""
    newest, stale = newest_and_stale(replies)
    return newest.value, stale


def versions_are_numbers(replies):
    """A version is a number."""
    newest = max(replies, key=lambda reply: float(reply.version))
    return newest, [reply.node for reply in replies if reply.version < newest.version]


class RepairAFewTimes:
    """Counts how often each node was repaired."""

    def __init__(self):
        self.repaired: Counter = Counter()

    def __call__(self, replies):
        newest, stale = newest_and_stale(replies)
        self.repaired.update(stale)
        return newest, [node for node in stale if self.repaired[node] <= 8]


def repair_once(replies, counts=RepairAFewTimes()):  # noqa: B008
    """Who was repaired a few times need not be repaired again."""
    return counts(replies)


# The page's memory


class ReturnNothing(NoMemory):
    """`read` takes note."""

    def read(self, key, value, version):
        """Keep it."""
        self.known[key] = (version, value)


class ReturnWhatIsNew(NewestKnown):
    """`read` gives what is new."""

    def read(self, key, value, version):
        """Give it if it is newer."""
        before = self.known.get(key)
        super().read(key, value, version)
        return value if before is None or version > before[0] else None


class ReturnAll(NewestKnown):
    """What is kept is what is shown."""

    def read(self, key, value, version):
        """Give value and version."""
        super().read(key, value, version)
        return self.known[key]


class TimeOfArrival(NoMemory):
    """What came last is the newest."""


class KeepWritesOnly(WritesOnly):
    """Read your writes: keep what was written."""


class LookBeforeNothing:
    """The key is known."""

    def __init__(self):
        self.known = {}

    def wrote(self, key, value, version):
        """Keep it."""
        self.known[key] = (version, value)

    def read(self, key, value, version):
        """Compare with what is known."""
        if version > self.known[key][0]:
            self.known[key] = (version, value)
        return self.known[key][1]


class KeepValuesOnly(OwnFirst):
    """My own save is the truth."""


WRONG = {
    "consistency.read_quorum": {
        "no_overlap": [as_many_as_may_lack_it],
        "majority": [a_majority],
        "everybody": [all_of_them],
        "as_many": [as_many_as_wrote],
        "one_more": [one_to_be_safe],
    },
    "consistency.quorum_read": {
        "first_reply": [believe_the_quickest],
        "last_reply": [believe_the_last, believe_the_oldest],
        "by_node": [greatest_reply],
        "time_only": [newest_by_time],
        "by_value": [greatest_value],
        "vote": [vote_among_three],
        "no_repair": [repair_nobody],
        "wrong_side": [repair_the_newest],
        "too_many": [repair_everybody],
        "missed": [repair_what_differs, compare_the_time, leave_the_empty_alone],
        "days": [repair_once],
        "form": [repair_replies, give_the_value, give_the_reply],
        "error": [versions_are_numbers],
    },
    "consistency.memory": {
        "nothing": [TimeOfArrival],
        "frozen": [KeepValuesOnly],
        "writes_only": [KeepWritesOnly],
        "reads_only": [ReadsOnly],
        "one_shelf": [OneShelf],
        "first": [FirstKept],
        "oldest": [Oldest],
        "once": [LastHeard],
        "returns_nothing": [ReturnNothing, ReturnWhatIsNew],
        "form": [ReturnAll],
        "error": [LookBeforeNothing],
    },
}

MODEL = "consistency.memory"
MODEL_HEADER = (
    "answer",
    "reads that showed other than the newest known",
    "promises broken",
    "holds",
)
MODEL_SAYS = (
    f"{len(MEMORY_DAYS)} days of three people on a store whose followers lag and are cut off in "
    "turn. What each page showed is held against the newest that it knew of, and the checker says "
    "which promises were broken."
)


def model_row(make):
    """Run a memory through all days, and write down what it showed and what that broke."""
    wrong = asked = 0
    broken: set[str] = set()
    for seed in MEMORY_DAYS:
        shown, wanted = (shown_on(memory_day(each, seed)) for each in (make, NewestKnown))
        wrong += sum(one != other for one, other in zip(shown, wanted, strict=True))
        asked += len(wanted)
        broken |= broken_by(shown, seed)
    said = ", ".join(name for name in (*GUARANTEES, NOBODY_WROTE) if name in broken) or "none"
    return (f"{wrong} of {asked}", said, "no" if wrong else "yes")
