"""Python's garbage collector, held while many homes are compiled.

A thousand compiled homes are a million objects, none of them garbage: looking through them again
and again takes longer than compiling them. Nothing is decided here.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Hold the collector for as long as what is made is kept; it does not collect by itself."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
