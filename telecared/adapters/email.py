"""E-mail by SMTP: plain text, one connection a message, `aiosmtplib` behind the Gateway port.

What fails before the text is handed over was certainly not sent; what fails after may have been.
A repeat has the same Message-ID, by which mail programs know it. No error holds an address.
"""

from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.policy import SMTP as SMTP_LINES
from email.utils import formatdate
from typing import Final, Literal
from urllib.parse import quote

import aiosmtplib
import msgspec
from aiosmtplib import SMTP

from telecared.core.vocabulary import SECOND, Instant, NotificationState, Priority
from telecared.errors import GatewayError
from telecared.ports import InboundSms, Outgoing, OwnerOf, Receipt, Sent

SUBJECT_CHARS: Final = 70
"""A longer first sentence is cut off in the subject; the text has it whole."""

PRESSING: Final = (Priority.LIFE_SAFETY, Priority.URGENT)

_OUR_FAULT: Final = "5.7."
"""Enhanced codes of a server that will not send for us: a login, a policy, a wrong sender."""

Security = Literal["starttls", "tls", "none"]


class SmtpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the mail server is and who we are to it, with secrets resolved.

    Attributes:
        sender: our address; people may answer to it, and nobody reads that here.
        security: `tls` from the first byte, `starttls` before anything is said, or `none`.
        username, password: "" for none.
        ca_file: the authority that signed the server's certificate; "" for the system's own list.
    """

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    username: str = ""
    password: str = ""
    ca_file: str = ""

    def __repr__(self) -> str:
        return f"SmtpSettings({self.host}:{self.port})"


class EmailGateway:
    """One mail server. Implements Gateway.

    Args:
        settings: where it is.
        wall: the machine's wall clock, for the date.
        name: of the provider, unique in the deployment.
        timeout_seconds: for each step of the talk with the server, in real time.
    """

    def __init__(
        self,
        settings: SmtpSettings,
        *,
        wall: Callable[[], Instant],
        name: str = "email",
        timeout_seconds: float = 8,
    ) -> None:
        self.name = name
        self._wall = wall
        self._settings = settings
        self._timeout = timeout_seconds

    async def send(self, message: Outgoing) -> Sent:
        """Send one e-mail, once; `delivered` when the server has taken it.

        Raises GatewayError, which says whether it may have gone.
        """
        handed_over = False
        try:
            mail = self._mail(message)
            async with self._server() as server:
                if self._settings.username:
                    await server.login(self._settings.username, self._settings.password)
                await server.mail(self._settings.sender)
                await server.rcpt(message.number)
                handed_over = True
                await server.data(mail.as_bytes())
                handed_over = False  # a farewell that goes wrong changes nothing
                return Sent(str(mail["Message-ID"]), NotificationState.DELIVERED)
        except (aiosmtplib.SMTPException, OSError, ValueError) as failure:
            explained = self._explain(failure, handed_over=handed_over)
        # Raised out here so that it drags no library exception along, which quotes the address.
        raise explained

    async def find(
        self, message: Outgoing, *, since_seconds: float, owner_of: OwnerOf
    ) -> Sent | None:
        """Find nothing: a repeat has the same Message-ID, so sending again does little harm."""
        return None

    async def receipts(self, provider_ids: Sequence[str]) -> list[Receipt]:
        """Return none: what a mail server has taken it does not report on."""
        return []

    async def inbound(self, *, since_seconds: float) -> list[InboundSms]:
        """Return none: nobody answers by this way."""
        return []

    async def close(self) -> None:
        """Let go of nothing: each message had a connection of its own."""

    def _server(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=self._timeout,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            cert_bundle=settings.ca_file or None,
        )

    def _mail(self, message: Outgoing) -> EmailMessage:
        first = " ".join(message.text.split())
        mail = EmailMessage(policy=SMTP_LINES)
        mail["From"] = self._settings.sender
        mail["To"] = message.number
        mail["Subject"] = first if len(first) <= SUBJECT_CHARS else first[: SUBJECT_CHARS - 1] + "…"
        mail["Date"] = formatdate(self._wall() / SECOND)
        mail["Message-ID"] = message_id(message.notification, self._settings.sender)
        mail["Auto-Submitted"] = "auto-generated"
        if message.priority in PRESSING:
            mail["Importance"] = "high"
            mail["X-Priority"] = "1"
        mail.set_content(message.text + "\n", cte="quoted-printable")
        return mail

    def _explain(self, failure: Exception, *, handed_over: bool) -> GatewayError:
        """Say what a failure means. Never quotes it: a server's words hold the address."""
        if isinstance(failure, aiosmtplib.SMTPResponseException) and failure.code >= 400:
            return self._refused(failure)
        if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
            return self._refused(failure.recipients[0])
        # A certificate that is not believed is a ValueError as well, and nobody's address.
        if isinstance(failure, ValueError) and not isinstance(failure, OSError):
            return GatewayError(
                "The address cannot be written to; correct the contact.",
                permanent=True,
                code="address",
                about_recipient=True,
            )
        if handed_over:
            return GatewayError(
                f"{self.name} broke off after it had the text; it may have gone.",
                permanent=False,
                sent_unknown=True,
            )
        return GatewayError(
            f"{self.name} cannot be used; check host, port, security and ca.", permanent=False
        )

    def _refused(self, failure: aiosmtplib.SMTPResponseException) -> GatewayError:
        code = str(failure.code)
        permanent = failure.code >= 500
        at_recipient = isinstance(failure, aiosmtplib.SMTPRecipientRefused)
        about_recipient = at_recipient and permanent and _OUR_FAULT not in failure.message[:12]
        what = "will not take this message" if permanent else "does not take it now"
        return GatewayError(
            f"{self.name} {what} (SMTP {code}).",
            permanent=permanent,
            code=f"smtp-{code}",
            about_recipient=about_recipient,
        )


def message_id(notification: str, sender: str) -> str:
    """Return the Message-ID of a notification: the same one for a repeat."""
    domain = sender.rpartition("@")[2] or "telecared.invalid"
    return f"<{quote(notification, safe='').replace('%', '=')}@{domain}>"
