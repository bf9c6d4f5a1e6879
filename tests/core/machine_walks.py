"""Walk tests in the lives of `home_machine`: begun, extended and ended by one or two installers.

What the devices tell meanwhile is the machine's own.
"""

from abc import abstractmethod

from hypothesis import strategies as st
from hypothesis.stateful import rule

from telecared.core.events import Event, WalkTestBegun, WalkTestEnded
from telecared.core.vocabulary import HOUR, MINUTE, Instant


class Walks:
    """What installers do."""

    @property
    @abstractmethod
    def at(self) -> Instant:
        """Now."""

    @abstractmethod
    def both(self, event: Event) -> None:
        """The same happens to both worlds."""

    @abstractmethod
    def input(self) -> int:
        """The next input's id."""

    @rule(
        lasts=st.sampled_from([MINUTE, 20 * MINUTE, 3 * HOUR]),
        by=st.sampled_from(["Ivy Installer", "Ian Installer"]),
        end=st.booleans(),
    )
    def walk_test(self, lasts: int, by: str, end: bool) -> None:
        """An installer begins a walk test, extends the one that runs, or ends it."""
        if end:
            self.both(WalkTestEnded(input=self.input(), at=self.at, by=by))
        else:
            self.both(WalkTestBegun(input=self.input(), at=self.at, by=by, lasts=lasts))
