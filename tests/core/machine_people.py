"""What people do with alerts in the lives of `home_machine`, beside taking and ending them.

They hand them over and take them over, say how far they are, ask for more help, and reply how it
ended.
"""

from abc import abstractmethod
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from telecared.core.alert_commands import EscalatedNow, HandedOver, Resolved, Updated
from telecared.core.events import Event
from telecared.core.vocabulary import Instant, Outcome, Progress

numbers = st.integers(1, 4)
WHO = (("Ben Hall", "ben"), ("Cara Singh", "cara"), ("An Operator", None), ("Another", None))
people = st.sampled_from(WHO)


class Deeds:
    """What those need who do something in a life."""

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

    def common(self, n: int, by: str) -> dict[str, Any]:
        """What every command to an alert says."""
        return {"input": self.input(), "at": self.at, "alert": n, "by": by}


class People(Deeds):
    """What people do."""

    @rule(n=numbers, by=people, to=people, take_over=st.booleans())
    def hand_over(
        self, n: int, by: tuple[str, str | None], to: tuple[str, str | None], take_over: bool
    ) -> None:
        """Somebody hands an alert to somebody, or takes it from them."""
        name, contact = to
        self.both(
            HandedOver(**self.common(n, by[0]), to=name, contact=contact, take_over=take_over)
        )

    @rule(
        n=numbers,
        who=people,
        progress=st.sampled_from(Progress),
        minutes=st.sampled_from([None, 5, 60, 300]),
    )
    def tell_progress(
        self, n: int, who: tuple[str, str | None], progress: Progress, minutes: int | None
    ) -> None:
        """Somebody says how far they are, or notes something."""
        by, contact = who
        self.both(
            Updated(
                **self.common(n, by), contact=contact, progress=progress, minutes=minutes,
                note="what is new",
            )
        )  # fmt: skip

    @rule(n=numbers)
    def ask_for_more(self, n: int) -> None:
        """Somebody asks for the next step at once."""
        self.both(EscalatedNow(**self.common(n, "Another")))

    @rule(n=numbers, who=people, outcome=st.sampled_from(Outcome))
    def reply_ended(self, n: int, who: tuple[str, str | None], outcome: Outcome) -> None:
        """Somebody replies how it ended."""
        by, contact = who
        self.both(Resolved(**self.common(n, by), outcome=outcome, contact=contact))
