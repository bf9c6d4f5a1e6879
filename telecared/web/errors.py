"""What a page may raise instead of answering; the guard makes a page or a JSON answer of it.

Each is a sentence for whoever asked. What the sentences say is decided where they are raised.
"""

from collections.abc import Mapping

from telecared.errors import TelecaredError


class NotThere(TelecaredError):
    """There is no such thing, or it is not for these eyes: both are told alike."""

    def __init__(self, what: str = "There is nothing here.") -> None:
        super().__init__(what)


class Denied(TelecaredError):
    """Whoever asked may not do this."""

    def __init__(self, why: str = "Your role does not let you do this.") -> None:
        super().__init__(why)


class BadForm(TelecaredError):
    """A form that cannot be used.

    Attributes:
        problems: field -> what is wrong with it, and what to write instead; "" for the whole form.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(self.problems.values()))
