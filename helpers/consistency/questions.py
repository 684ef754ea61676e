"""What the consistency notebook asks at its end."""

from helpers.checks import Option, Question

QUESTIONS = (
    Question(
        "consistency.saved",
        "Five copies. A write waits for two of them, a read for three. A write has been "
        "acknowledged, and then a read starts. What may it give?",
        (
            Option(
                "The old value, if it asks the three copies that do not have the write yet",
                "Right. 2 + 3 is not more than 5: two copies have the write for certain, and the "
                "other three may be just those that answer. It takes R = 4 or W = 3.",
                correct=True,
            ),
            Option(
                "The new value in any case, as three of five are a majority",
                "A majority of readers helps only if the writers' copies cannot all be among the "
                "others. Two writers' copies and three readers' copies fit beside each other in "
                "five.",
            ),
            Option(
                "The new value in any case, as the write has been acknowledged",
                "Acknowledged means that two copies keep it. The read may meet the other three.",
            ),
        ),
    ),
    Question(
        "consistency.cut",
        "Two of your store's three copies are in one data center, the third is in another. The "
        "network between them breaks; users on both sides still reach their own. The store says "
        "that it is consistent and always available. What will you see?",
        (
            Option(
                "Both sides take writes, and agree at every moment",
                "They cannot hear each other, so neither can know what the other has promised.",
            ),
            Option(
                "Both sides stop for as long as it lasts",
                "A store may do that, but need not: a side with a majority can go on, since the "
                "other side can know that it must not.",
            ),
            Option(
                "One side refuses, or the sides disagree until the network heals",
                "Right. That is the choice, and no store escapes it. Read the small print for "
                "which of the two it makes, and test it.",
                correct=True,
            ),
        ),
    ),
    Question(
        "consistency.silence",
        "“Place order” gets no answer within five seconds. What is the best next step of the page?",
        (
            Option(
                "Say that it failed, and let the user press the button again",
                "It may have been done; you saw that many were. Then the second press is a second "
                "order.",
            ),
            Option(
                "Send the same order again, with the same idempotency key",
                "Right. If it was done, the store knows the key and gives the first answer; if "
                "not, it is done now. Meanwhile say that you are checking.",
                correct=True,
            ),
            Option(
                "Show it as done, since most orders get through",
                "Then some people have a receipt for an order that does not exist. Optimism is "
                "for what is cheap to undo.",
            ),
        ),
    ),
)
