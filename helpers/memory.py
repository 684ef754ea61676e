"""Keep freed memory at hand, so that the next run of a model does not have to ask for it anew.

A model of a million requests works in a few arrays of 8 MB. Linux's C library gives such
memory back as soon as it is free and takes fresh pages for the next array; the system
clears every page first, and that can take longer than the arithmetic.
"""

import ctypes

KEEP_UP_TO = 128 * 2**20
"""Bytes at the top of the heap that are kept when they are free."""
TAKE_FROM_HEAP_UP_TO = 32 * 2**20
"""Bytes of the largest array that is taken from the heap: the most that glibc allows."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = (
    -1,
    -3,
    -8,
)  # names and numbers of glibc's malloc.h


def keep_freed_memory() -> bool:
    """Tell the C library to keep what is freed; gives whether it could be told.

    Only glibc has the call: elsewhere nothing is changed, and nothing is lost but time.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return all(
        set_option(option, value) == 1
        for option, value in (
            (M_MMAP_THRESHOLD, TAKE_FROM_HEAP_UP_TO),
            (M_TRIM_THRESHOLD, KEEP_UP_TO),
            (M_ARENA_MAX, 1),  # what one thread frees, another one may take
        )
    )
