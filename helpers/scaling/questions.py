"""What the scaling notebook asks at its end."""

from helpers.checks import Option, Question

QUESTIONS = (
    Question(
        "scaling.headroom",
        "A tier of two servers and a tier of sixteen are both 85 % busy, with the same work. "
        "Which one needs servers first?",
        (
            Option(
                "The tier of two",
                "Right. Two servers are often both busy, so requests wait; that all sixteen are "
                "busy at once is rarer. Small tiers need the most room.",
                correct=True,
            ),
            Option(
                "The tier of sixteen",
                "It has eight times the traffic, but eight times the servers too, and a request "
                "finds one of them free more often.",
            ),
            Option(
                "Both alike: 85 % is 85 %",
                "Utilization alone does not tell the wait. With one line before them, the chance "
                "that all servers are busy at once falls as there are more of them.",
            ),
        ),
    ),
    Question(
        "scaling.slower",
        "A load test does 15,000 requests/s with 44 servers and 13,500 with 80. What helps most?",
        (
            Option(
                "Going to 160 servers",
                "Past the peak each server spends more on agreeing with the others than it adds: "
                "with 160 there will be still less.",
            ),
            Option(
                "Finding out what they all wait for, such as a lock or a shared row",
                "Right. Throughput that falls is coherency: the servers work for each other. "
                "Take away what they share and the peak moves to the right.",
                correct=True,
            ),
            Option(
                "Larger servers, still 80",
                "Each would be quicker, but they would go on agreeing pair by pair, and the peak "
                "stays at 44.",
            ),
        ),
    ),
    Question(
        "scaling.stateless",
        "Sticky sessions in memory, a day without any crash: who is logged out that a shared "
        "store would have kept?",
        (
            Option(
                "Nobody: sessions are lost with a crash only",
                "Each evening the autoscaler removes servers, and each deploy replaces them. "
                "What is in their memory goes with them.",
            ),
            Option(
                "Everyone whose server is removed or replaced",
                "Right. Scaling in and deploying are crashes on purpose, as far as memory goes. "
                "In the day simulated here they log out more people than the crash.",
                correct=True,
            ),
            Option(
                "Those whose cookie has expired",
                "That happens with a shared store too. Stickiness adds the loss of every session "
                "on a server that leaves.",
            ),
        ),
    ),
)
