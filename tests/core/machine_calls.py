"""What an operator does beside answering, in the lives of `home_machine`.

They ring people and write to them, link what is the same, promise something and keep it.
"""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from telecared.core.alert_commands import Called, Linked, MessageSent
from telecared.core.events import Promised, PromiseKept
from telecared.core.vocabulary import MINUTE, CallResult
from tests.core.machine_people import Deeds, numbers

CALLED = ("ben", "ben", "cara", "cara", "resident", "nobody")


class Calls(Deeds):
    """What an operator does beside answering."""

    @rule(
        n=numbers,
        by=st.sampled_from(["An Operator", "Another"]),
        contact=st.sampled_from(CALLED),
        result=st.sampled_from(CallResult),
    )
    def ring(self, n: int, by: str, contact: str, result: CallResult) -> None:
        """Somebody is rung by hand."""
        self.both(Called(**self.common(n, by), contact=contact, result=result))

    @rule(n=numbers, to=st.sampled_from(CALLED))
    def write_to(self, n: int, to: str) -> None:
        """Somebody is written to."""
        self.both(MessageSent(**self.common(n, "An Operator"), to=to, text="The key is outside."))

    @rule(n=numbers, to=numbers)
    def link(self, n: int, to: int) -> None:
        """Two alerts are said to be the same."""
        self.both(Linked(**self.common(n, "An Operator"), to=to))

    @rule(in_minutes=st.sampled_from([1, 20, 600]), keep=st.integers(0, 4))
    def promise(self, in_minutes: int, keep: int) -> None:
        """Somebody promises something, or has kept it."""
        if keep:
            kept = PromiseKept(input=self.input(), at=self.at, by="An Operator", number=keep)
            self.both(kept)
            return
        due_at = self.at + in_minutes * MINUTE
        self.both(
            Promised(input=self.input(), at=self.at, by="Another", what="to ring", due_at=due_at)
        )
