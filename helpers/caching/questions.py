"""What the caching notebook asks at its end."""

from helpers.checks import Option, Question

QUESTIONS = (
    Question(
        "caching.five_points",
        "A deploy changes the URLs of all images, and the edge's hit ratio falls from 98 % to "
        "94 %. What does the origin see?",
        (
            Option(
                "4 % more requests",
                "Four points of the hit ratio are four points of all requests. But only two in a "
                "hundred reached the origin before, so four more are twice as many again.",
            ),
            Option(
                "Three times the requests",
                "Right. Misses go from 2 % to 6 %. What counts for the tier behind is the ratio "
                "of the misses, not the difference of the hits.",
                correct=True,
            ),
            Option(
                "Hardly anything: 94 % is still a very good hit ratio",
                "Whether it is good depends on what the origin can bear. It was built for two "
                "misses in a hundred and gets six.",
            ),
        ),
    ),
    Question(
        "caching.guard",
        "A page of prices may be a minute old. At its expiry 2,000 people a second want it, and "
        "the query takes half a second. Which guard serves the readers best?",
        (
            Option(
                "A lock: one asks, the others wait for the answer",
                "It saves the database: one query. But the thousand people of that half second "
                "all wait, although there is an answer that was right a moment ago.",
            ),
            Option(
                "A longer time to live",
                "Then it happens less often, to just as many people, and the prices are older.",
            ),
            Option(
                "Stale while revalidate: one asks, the others get the old page meanwhile",
                "Right. One query, nobody waits, and the page is half a second older than it "
                "might be. Keep the lock as well, for the moment when there is no old page.",
                correct=True,
            ),
        ),
    ),
    Question(
        "caching.purge",
        "Every write purges its key. Why give the copies a time to live all the same?",
        (
            Option(
                "To keep the cache from filling up",
                "That is what eviction is for. A full cache is a good cache.",
            ),
            Option(
                "Because a purge can get lost, and then nothing else ends the lie",
                "Right. A lost purge without a time to live is a stale copy until the next write, "
                "or for good. The time to live is the longest that the bug can last.",
                correct=True,
            ),
            Option(
                "Because copies become slower with age",
                "A copy of last week is as quick as one of now. It may only be wrong.",
            ),
        ),
    ),
)
