"""What the sharding notebook asks at its end."""

from helpers.checks import Option, Question

QUESTIONS = (
    Question(
        "sharding.modulo",
        "Seven cache servers are chosen by hash modulo 7. One dies, and the code goes on with "
        "modulo 6. Which keys have to be fetched anew?",
        (
            Option(
                "One in seven: those of the dead server",
                "That would be the least, and a ring comes close to it. Modulo 6 gives most keys "
                "another rest than modulo 7, also those of servers that are well.",
            ),
            Option(
                "About six in seven",
                "Right. Only where both rests agree does a key stay: one in seven. The caches are "
                "as good as empty, all at once.",
                correct=True,
            ),
            Option(
                "None: the other servers have copies",
                "Each key was on one server only; that was the point of spreading them.",
            ),
        ),
    ),
    Question(
        "sharding.hot",
        "Orders are sharded by range of their creation time. Writes have outgrown the last shard. "
        "What helps?",
        (
            Option(
                "Twice as many shards, so that each has half as much to do",
                "All new orders still go to the last one. The others keep old orders, which "
                "nobody writes.",
            ),
            Option(
                "Cut the last range in two at its middle, and give one half to a new shard",
                "What comes next is newer than both halves, and goes to the last one again.",
            ),
            Option(
                "A key that begins with a hash of the customer",
                "Right. Such a key does not rise: writes spread, and a customer's orders stay "
                "together, in order. What becomes hard is “all orders of the last hour”: that "
                "asks every shard.",
                correct=True,
            ),
        ),
    ),
    Question(
        "sharding.when",
        "The database has 50 GB and 300 writes a second; the product list takes two seconds. The "
        "team proposes to shard. What do you say?",
        (
            Option(
                "Yes: two seconds are too long, and eight shards search eight times as fast",
                "A list that is not by the sharding key asks every shard and waits for the "
                "slowest. It would become slower.",
            ),
            Option(
                "Not yet: look at the list's queries first",
                "Right. One machine bears 50 GB and 300 writes a second. An index, fewer queries "
                "or a cache mend a slow read. Sharding is for data or writes that one machine "
                "does not bear, and it costs joins and transactions.",
                correct=True,
            ),
            Option(
                "Yes: with each month of data it will be harder",
                "It will be, a little. But years of every query, join and migration with shards "
                "are the price, for growth that may not come.",
            ),
        ),
    ),
)
