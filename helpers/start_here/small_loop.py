"""The smallest loop of the kind that the models are made of, to try whether such loops run."""

from helpers.kernel import kernel


@kernel
def longest_wait(gaps, service_time):  # type: ignore[no-untyped-def]
    """Give the longest wait in a line that requests join so many seconds after each other."""
    wait, longest = 0.0, 0.0
    for i in range(gaps.size):
        wait = max(wait + service_time - gaps[i], 0.0)
        longest = max(longest, wait)
    return longest
