"""Every error that telecared raises on purpose, split by what the caller can do about it.

Messages are sentences that name the place and the remedy. Nothing here imports anything else of
the project, so that every layer may raise these.
"""


class TelecaredError(Exception):
    """Root of all errors that telecared raises on purpose."""


class ConfigError(TelecaredError):
    """A file that a person wrote is wrong. Holds every problem found, one sentence each.

    Attributes:
        problems: `file:line:col: what, and what to write instead`, in file order.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class StoreError(TelecaredError):
    """The database cannot be used; the sentence says why and what to do."""


class StoreFull(StoreError):
    """The disk that holds the database is full: the transaction was not committed."""


class GatewayError(TelecaredError):
    """A provider did not take a message.

    Attributes:
        permanent: asking again with the same content cannot help (wrong number, refused).
        sent_unknown: the request may have reached the provider, so it must be asked before
            anything is sent again.
        code: the provider's own error code, or "" when it gave none.
        about_recipient: it says something about this recipient or text only; the provider works.
        recipient_refuses: and it is that this address takes no messages at all, by any provider.
        too_fast: the provider takes no more at this rate.
        retry_after: seconds after which it wants to be asked again; None where it does not say.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool,
        sent_unknown: bool = False,
        code: str = "",
        about_recipient: bool = False,
        recipient_refuses: bool = False,
        too_fast: bool = False,
        retry_after: float | None = None,
    ) -> None:
        self.permanent = permanent
        self.sent_unknown = sent_unknown
        self.code = code
        self.about_recipient = about_recipient or recipient_refuses
        self.recipient_refuses = recipient_refuses
        self.too_fast = too_fast
        self.retry_after = retry_after
        super().__init__(message)


class Refused(TelecaredError):
    """A command cannot be carried out; the sentence tells the caller why."""


class ReplayError(TelecaredError):
    """A recorded stream or a store cannot be replayed; the sentence says where and why."""


class PublishError(TelecaredError):
    """A message did not reach the broker; the sentence says why."""
