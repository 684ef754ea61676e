"""What the load balancing notebook asks at its end."""

from helpers.checks import Option, Question

QUESTIONS = (
    Question(
        "load_balancing.reload",
        "One user in twelve says that checkout hangs and a reload helps. All servers pass their "
        "checks, the median is as usual. What do you look at first?",
        (
            Option(
                "The p99 of all requests together",
                "It may well be high, but it does not say where. If one server of twelve is slow, "
                "the sum hides which.",
            ),
            Option(
                "The database",
                "It is shared by all twelve: if it were slow, all users would feel it, and a "
                "reload would not help.",
            ),
            Option(
                "Response times for each server apart",
                "Right. A share of 1/N that comes and goes with a reload is the mark of one bad "
                "server, and only a view by server shows it.",
                correct=True,
            ),
        ),
    ),
    Question(
        "load_balancing.healthy",
        "Three of twelve servers are gone, and now the health check takes out the others too, one "
        "after the other. What helps most, at once?",
        (
            Option(
                "A stricter check, so that bad servers go sooner",
                "They are not bad, they are busy. Each one taken out makes the rest busier: "
                "stricter is faster downhill.",
            ),
            Option(
                "Believing the check less: a panic threshold, or a limit on how many may be out",
                "Right. Requests to the dead ones are lost, but the living keep a load that they "
                "can bear. Then make room: fewer requests or more servers.",
                correct=True,
            ),
            Option(
                "Retries in the client",
                "They add requests to servers that are short of capacity. Retries are for one bad "
                "server, not for too few good ones.",
            ),
        ),
    ),
    Question(
        "load_balancing.new_server",
        "Your WebSocket tier is hot, so you double the servers. An hour later the new ones are "
        "nearly idle. Why?",
        (
            Option(
                "Open connections stay where they are",
                "Right. Only new connections reach the new servers. Close them after an age, or "
                "ask clients to connect again, a few at a time.",
                correct=True,
            ),
            Option(
                "The balancer's weights are wrong",
                "Weights decide about new connections. There are few of those, since the old ones "
                "stay open.",
            ),
            Option(
                "They are still warming up",
                "An hour is long for a cold cache, and it would make them slow, not idle.",
            ),
        ),
    ),
)
