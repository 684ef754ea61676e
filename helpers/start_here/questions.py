"""What the start page asks, to try a question once."""

from helpers.checks import Option, Question

QUESTIONS = (
    Question(
        "start_here.hits",
        "A cache answers 98 % of the requests, and after a release 96 %. What does the origin get?",
        (
            Option(
                "2 % more than before",
                "Two points fewer hits, but the origin never saw the hits. It saw 2 of 100 "
                "requests, and now it sees 4.",
            ),
            Option(
                "Twice as much as before",
                "Right. It got 2 of 100 requests, and now it gets 4. Look at what is passed on, "
                "not at what is answered.",
                correct=True,
            ),
            Option(
                "Nearly the same: 96 % is still a good cache",
                "It may well be good, and the origin still has double the work. Whether that "
                "hurts depends on how much room the origin had.",
            ),
        ),
    ),
)
