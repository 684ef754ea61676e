"""The lab "Reads that hold": what each answer has to do, and a hint for what people get wrong.

What is expected comes from counting, from the replies themselves, and from the checker.
"""

from collections.abc import Sequence
from typing import Any

from helpers.checks import TODO, Case, Check, Mistake
from helpers.consistency.model import Reply, check_sessions
from helpers.consistency.stormy_days import (
    DAYS,
    MEMORY_DAYS,
    FirstKept,
    LastHeard,
    MakeMemory,
    NewestKnown,
    NoMemory,
    Oldest,
    OneShelf,
    OwnFirst,
    ReadsOnly,
    Rule,
    WritesOnly,
    memory_day,
    shown_on,
    unexplained_days,
    with_shown,
    write_versions,
)

WRONG_MEMORIES = {
    "nothing": NoMemory,
    "frozen": OwnFirst,
    "writes_only": WritesOnly,
    "reads_only": ReadsOnly,
    "one_shelf": OneShelf,
    "first": FirstKept,
    "oldest": Oldest,
    "once": LastHeard,
}
"""Ways to remember that are found by what they show."""


# 1: how many to ask


def quorum_case(n: int, w: int, label: str = "") -> Case:
    """Make a case of the least read quorum."""
    mistakes = {
        "no_overlap": n - w,
        "majority": n // 2 + 1,
        "everybody": n,
        "as_many": w,
        "one_more": n - w + 2,
    }
    return Case((n, w), expected=n - w + 1, label=label, mistakes=mistakes)


# 2: the quorum read


def reply_case(
    label: str, *replies: tuple[str, Any, tuple[float, str]], if_nobody: str = "no_repair"
) -> Case:
    """Make a case of a read that has got these replies.

    Parameters
    ----------
    label
        What is special about it.
    replies
        Node, value and version of each.
    if_nobody
        The mistake of whoever repairs nobody here.
    """
    return Case((replies,), kwargs={"if_nobody": if_nobody}, label=label)


def days_case(seeds: Sequence[int]) -> Case:
    """Make a case of days on which the rule decides what a store's reads give."""
    label = f"{len(seeds)} days on which somebody is always cut off, judged by the checker"
    return Case((), kwargs={"seeds": tuple(seeds)}, label=label)


def run_read(rule: Rule, case: Case) -> Any:
    """Ask the learner's rule; called in the learner's process."""
    if case.args:
        return rule([Reply(*reply) for reply in case.args[0]])
    return unexplained_days(rule, case.kwargs["seeds"])


def judge_read(result: Any, case: Case) -> Mistake | None:
    """Say what is wrong with a choice, or with the days that it led to."""
    if not case.args:
        return judge_days(result, case.kwargs["seeds"])
    replies = [Reply(*reply) for reply in case.args[0]]
    told = "The replies: " + "; ".join(f"{r.node} {r.value!r} {r.version}" for r in replies) + "."
    is_pair = isinstance(result, tuple | list) and len(result) == 2
    chosen: Any
    chosen, nodes = result if is_pair else (None, ())
    if not hasattr(chosen, "version") or isinstance(nodes, str) or hasattr(nodes, "version"):
        return Mistake("form", f"{told} What came back is not a reply and a list of nodes.")
    mine = Reply(chosen.node, chosen.value, tuple(chosen.version))
    mistake = judge_choice(replies, mine, list(nodes), told)
    if mistake is not None and mistake.key == "no_repair":
        return Mistake(case.kwargs["if_nobody"], mistake.says)
    return mistake


def judge_choice(
    replies: Sequence[Reply], chosen: Reply, nodes: list[Any], told: str
) -> Mistake | None:
    """Say what is wrong with the reply that was chosen, or with the nodes to repair."""
    newest = max(replies, key=lambda reply: reply.version)
    stale = {reply.node for reply in replies if reply.version < newest.version}
    fresh = {reply.node for reply in replies} - stale
    says = f"{told} You gave {chosen.value!r} and repair {sorted(map(str, nodes)) or 'nobody'}."
    if chosen.version != newest.version:
        return Mistake(why_not_newest(replies, chosen), says)
    if not all(isinstance(node, str) for node in nodes):
        return Mistake("form", says)
    if stale and not nodes:
        return Mistake("no_repair", says)
    if set(nodes) == fresh and stale:
        return Mistake("wrong_side", says)
    if set(nodes) & fresh:
        return Mistake("too_many", says)
    if set(nodes) != stale:
        return Mistake("missed", says)
    return None


def why_not_newest(replies: Sequence[Reply], chosen: Reply) -> str:
    """Name the mistake that fits a choice other than the newest."""
    values = [str(reply.value) for reply in replies]
    versions = [reply.version for reply in replies]
    if chosen.version[0] == max(versions)[0]:
        return "time_only"
    if len(set(versions)) > 2 and chosen.node == max(reply.node for reply in replies):
        return "by_node"
    if values.count(str(chosen.value)) > len(values) / 2:
        return "vote"
    if str(chosen.value) == max(values):
        return "by_value"
    return "first_reply" if chosen.node == replies[0].node else "last_reply"


def judge_days(unexplained: Sequence[int], seeds: Sequence[int]) -> Mistake | None:
    """Say on how many days the checker found a violation."""
    if not unexplained:
        return None
    says = (
        f"On {len(unexplained)} of {len(seeds)} days one copy could not have given the answers; "
        f"the first is seed {unexplained[0]}."
    )
    return Mistake("days", says)


# 3: the page's memory


def memory_case(seed: int) -> Case:
    """Make a case of a day with the learner's memory on every page."""
    return Case((seed,), label=f"three people, three keys, followers that lag: day {seed}")


def run_memory(make: MakeMemory, case: Case) -> Any:
    """Give what the pages showed with the learner's memory; called in the learner's process."""
    shown = shown_on(memory_day(make, case.args[0]))
    return TODO if any(value is TODO for value in shown) else shown


def judge_memory(shown: Any, case: Case) -> Mistake | None:
    """Hold what was shown against what should have been, and let the checker say what broke."""
    seed = case.args[0]
    wanted = shown_on(memory_day(NewestKnown, seed))
    if list(shown) == wanted:
        return None
    wrong = next(place for place, pair in enumerate(zip(shown, wanted, strict=True))
                 if pair[0] != pair[1])  # fmt: skip
    says = f"Read {wrong + 1} of the day showed {shown[wrong]!r}; the newest known is"
    says += f" {wanted[wrong]!r}. {what_broke(shown, seed)}"
    known = [
        name
        for name, make in WRONG_MEMORIES.items()
        if shown_on(memory_day(make, seed)) == list(shown)
    ]
    if known:
        return Mistake(known[0], says)
    if isinstance(shown[wrong], tuple | list):
        return Mistake("form", says)
    is_empty = shown[wrong] is None
    return Mistake("returns_nothing" if is_empty else "value", says)


NOBODY_WROTE = "what nobody wrote"
"""What is broken where a page shows a value of another key."""


def broken_by(shown: Sequence[Any], seed: int) -> set[str]:
    """Name the session guarantees that the checker finds broken by what was shown on a day."""
    day = with_shown(memory_day(None, seed), shown)
    try:
        return set(check_sessions(day.history, write_versions(day)).broken)
    except ValueError:
        return {NOBODY_WROTE}


def what_broke(shown: Sequence[Any], seed: int) -> str:
    """Say which promises the checker finds broken."""
    broken = sorted(broken_by(shown, seed))
    return f"Broken: {', '.join(broken)}." if broken else "No promise is broken, but it is old."


QUORUM = Check(
    cases=(
        quorum_case(9, 3, "many copies"),
        quorum_case(3, 2, "the usual one"),
        quorum_case(5, 2, "writes that are quick"),
        quorum_case(5, 5, "every copy has it"),
        quorum_case(7, 1, "a write waits for one"),
        quorum_case(6, 4, "an even number of copies"),
    ),
    hint="With n = 5 and w = 2, three copies may not have the write. The fourth answer must.",
    hints={
        "no_overlap": "With n − w answers all of them may be copies that the write has not "
        "reached. One more, and one of them has it.",
        "majority": "A majority of readers is enough only if writers wait for a majority too.",
        "everybody": "That is always enough, and seldom needed: then one lost machine stops all "
        "reads.",
        "as_many": "That is enough only if w is itself more than half.",
        "one_more": "One fewer is enough: n − w copies may lack the write, and one more cannot.",
    },
    shows="R + W > N: any R copies and any W copies share one.",
)

QUORUM_READ = Check(
    run="helpers.consistency.lab:run_read",
    judge=judge_read,
    cases=(
        reply_case("the first is newer", ("n2", "tea", (5.0, "n2")), ("n1", "jam", (1.0, "n1"))),
        reply_case("the second is newer", ("n1", "ham", (1.0, "n1")), ("n3", "tea", (2.0, "n3"))),
        reply_case(
            "a short word is newer", ("n1", "rice", (1.0, "n1")), ("n2", "egg", (3.0, "n2"))
        ),
        reply_case("all agree", ("n1", "tea", (1.0, "n2")), ("n2", "tea", (1.0, "n2"))),
        reply_case(
            "one has nothing",
            ("n1", None, (0.0, "")),
            ("n2", "tea", (1.0, "n1")),
            if_nobody="missed",
        ),
        reply_case(
            "most are old",
            ("n2", "tea", (1.0, "n1")),
            ("n1", "tea", (1.0, "n1")),
            ("n4", "rice", (3.0, "n1")),
            ("n3", "tea", (1.0, "n1")),
        ),
        reply_case(
            "the same second, two nodes",
            ("n1", "tea", (2.0, "n1")),
            ("n3", "ham", (2.0, "n2")),
            ("n2", "tea", (2.0, "n1")),
            if_nobody="missed",
        ),
        reply_case(
            "the same value, saved again",
            ("n3", "tea", (1.0, "n1")),
            ("n1", "tea", (4.0, "n2")),
            ("n2", "oil", (2.0, "n2")),
        ),
        days_case(DAYS),
    ),
    deadline=20.0,
    hint="Choose the reply with the greatest version, and name the nodes of all replies whose "
    "version is smaller.",
    hints={
        "form": "Give two things: the reply itself, and a list of names such as ['n1'].",
        "first_reply": "That is the reply that came first. The quickest copy is not the newest.",
        "by_node": "That is the greatest name of a node, or the greatest reply as Python sorts "
        "them, node first. Compare versions.",
        "time_only": "Two nodes can take a write at the same time. Then the second part of the "
        "version decides: compare whole versions.",
        "last_reply": "That is not the newest: of two versions the greater one is.",
        "by_value": "The values are not in order of time: 'tea' is not newer than 'milk'. Compare "
        "versions.",
        "vote": "This is not a vote. A new value is at first in the minority, and one copy that "
        "has it is enough to know of it.",
        "no_repair": "The answer is right, but the copies that were behind stay behind. The next "
        "reader may ask just those, and see the old value after you have shown the new one.",
        "wrong_side": "These nodes have the newest already. Repair the others.",
        "too_many": "Among these nodes are some that have the newest already. It does no harm, "
        "but each repair is a write on somebody's disk.",
        "missed": "A node is behind whenever its version is smaller: also where it has nothing at "
        "all, where only the second part of the version differs, or where the value happens to "
        "be the same.",
        "days": "By hand it was right, but on the days it was not. Does the rule keep something "
        "from one read to the next?",
        "error": "Compare the versions as they are: pairs, which Python compares part by part. A "
        "value may be None.",
    },
    shows="Nobody was shown a value that less than two of three copies have: on no day can the "
    "checker tell your store from one copy.",
)

MEMORY = Check(
    run="helpers.consistency.lab:run_memory",
    judge=judge_memory,
    cases=tuple(memory_case(seed) for seed in MEMORY_DAYS[:4]),
    deadline=10.0,
    hint="For each key keep one value with its version: the newest of all that was saved and all "
    "that the store gave. Show that.",
    hints={
        "nothing": "That is what the store gave last, and its copies lag: people miss their own "
        "writes. Keep what was saved, with its version, and compare.",
        "frozen": "Once something was saved here, it is shown for good, and what others save is "
        "never seen. Compare its version with that of the store's answer.",
        "writes_only": "People see their own writes, and yet time runs backward: a value that "
        "was shown once must be remembered too.",
        "reads_only": "What was shown is remembered, but not what was saved: `wrote` has to keep "
        "it.",
        "one_shelf": "One value for all keys: the cart is shown in place of the name. Keep one "
        "for each key.",
        "first": "What came first stays for good. A greater version has to replace it.",
        "oldest": "The comparison is the wrong way round: of two versions the greater is newer.",
        "once": "What was saved is shown once, and then the store is believed again, which may "
        "still be behind. Keep it until something newer comes.",
        "returns_nothing": "`read` has to give what the screen shows, in every branch: also "
        "where nothing new came.",
        "form": "Give the value alone, without its version.",
        "error": "The key may be unknown, and a value may be None. Look before you compare.",
    },
    shows="Read your writes and monotonic reads, on a store that keeps neither, with a few lines "
    "on the client.",
)

CHECKS = {
    "consistency.read_quorum": QUORUM,
    "consistency.quorum_read": QUORUM_READ,
    "consistency.memory": MEMORY,
}
