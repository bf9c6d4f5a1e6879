"""Python's garbage collector, kept away from compiled homes.

A thousand compiled homes are a million objects, none of them garbage and none in a cycle: they are
freed when the last name goes. Looking through them again and again took three quarters of what a
message costs. Nothing is decided here.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Hold the collector while much is made that is kept, and let it never look at that again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        settle()
        if was:
            gc.enable()


def settle() -> None:
    """Take all there is out of the collector's sight; what is freed by its names still is."""
    gc.freeze()
