"""What the HTTP caching notebook asks at its end."""

from helpers.checks import Option, Question

QUESTIONS = (
    Question(
        "http_caching.no_cache",
        "An HTML page is sent with Cache-Control: no-cache and an ETag. A user comes back, "
        "and nothing was deployed. What goes over the network for it?",
        (
            Option(
                "The whole page, since it was not cached",
                "That is no-store. no-cache lets the browser keep a copy and makes it ask "
                "before each use.",
            ),
            Option(
                "A question, and a 304 without the page",
                "Right. One round trip, some 300 bytes, and never an old page.",
                correct=True,
            ),
            Option(
                "Nothing, until the user reloads",
                "That is a fresh copy, below its max-age. no-cache copies are never used "
                "without asking.",
            ),
        ),
    ),
    Question(
        "http_caching.purge",
        "index.html went out with max-age=86400 through a CDN, and the next deploy removes its "
        "chunks. What helps those who have it in their browser?",
        (
            Option(
                "Purging the CDN",
                "The CDN then has the new page. Browsers with a fresh copy do not ask it.",
            ),
            Option(
                "Deploying a page with no-cache",
                "Needed for the next time. Who holds a fresh copy will not see this header "
                "before it has expired.",
            ),
            Option(
                "Putting the old chunks back until a day has passed",
                "Right. The copies cannot be called back. With their chunks there, old pages work "
                "until they expire.",
                correct=True,
            ),
        ),
    ),
    Question(
        "http_caching.silence",
        "A cart at /api/cart is sent without any caching header but Last-Modified, through a "
        "CDN. What may happen?",
        (
            Option(
                "Nothing: without a header it is not cached",
                "A cache may guess a lifetime, a tenth of the time since Last-Modified, and "
                "nothing says that the answer belongs to one user.",
            ),
            Option(
                "Somebody is shown the cart of somebody else",
                "Right. Say private or no-store for what belongs to one user.",
                correct=True,
            ),
            Option(
                "The browser shows an old cart, but only to its owner",
                "That as well. But a shared cache may keep it too, and gives it to whoever asks "
                "next.",
            ),
        ),
    ),
)
