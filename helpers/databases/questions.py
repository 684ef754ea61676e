"""What the databases notebook asks at its end."""

from helpers.checks import Option, Question

QUESTIONS = (
    Question(
        "databases.first_remedy",
        "A page with 300 rows sends 301 queries. Each takes 0.1 ms in the database, which is 5 ms "
        "away. What do you do first?",
        (
            Option(
                "Add an index",
                "The database works for 30 ms in all, and the wire takes a second and a half. No "
                "index shortens the way.",
            ),
            Option(
                "Ask for all rows in one or two queries",
                "Right. 301 × 5 ms on the wire become 10 ms. What is left to gain in the database "
                "is 30 ms at most.",
                correct=True,
            ),
            Option(
                "Take a larger database server",
                "It would save part of the 30 ms. The page would still make 301 trips.",
            ),
        ),
    ),
    Question(
        "databases.last_piece",
        "Two customers buy the last piece at the same moment, at read committed. Each "
        "transaction reads a stock of 1 and then writes 0. Which is the smallest change that "
        "prevents both from getting it?",
        (
            Option(
                "Check in the frontend that the button is pressed only once",
                "These are two people with a button each.",
            ),
            Option(
                "Read the stock a second time just before writing",
                "The other one can come in between all the same, only less often. A race that is "
                "rarer is harder to find.",
            ),
            Option(
                "UPDATE … SET stock = stock − 1 WHERE id = ? AND stock > 0, and see whether a row "
                "was changed",
                "Right. Reading, deciding and writing are one statement now; the second one waits "
                "for the first, finds 0, and changes no row.",
                correct=True,
            ),
        ),
    ),
    Question(
        "databases.early",
        "A shop with 20,000 active users a day wants to move from a relational to a key-value "
        "database, “to be ready for growth”. What do you ask first?",
        (
            Option(
                "How much of one machine is in use today",
                "Right. By the numbers of this page, far less than a tenth of what one machine "
                "reads and writes. The move costs joins, transactions and every question that "
                "nobody has thought of yet.",
                correct=True,
            ),
            Option(
                "Which key-value database is the fastest",
                "Each of them is fast at what it does. The question is whether you need it.",
            ),
            Option(
                "Whether the team would enjoy it",
                "It may. The next person who wants “all products of a brand” will not.",
            ),
        ),
    ),
)
