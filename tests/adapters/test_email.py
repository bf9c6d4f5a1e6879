"""E-mail against a real mail server on this machine: the contract, and what a mail says."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from telecared.adapters.email import EmailGateway, SmtpSettings, message_id
from telecared.core.vocabulary import SECOND, NotificationState
from tests.adapters.gateway_contract import ALARM, SHORT_SECONDS, TEXT, Bench, GatewayContract
from tests.adapters.http_box import free_port

BEN = "ben.hall@example.org"
US = "alerts@care.example.org"
AT = 1_772_323_200 * SECOND


class Mailbox:
    """What a mail server does with what it is given (aiosmtpd's handler)."""

    def __init__(self) -> None:
        self.behave = "take"
        self.mails: list[bytes] = []
        self.let_go = asyncio.Event()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the address, or not."""
        refusals = {
            "refuse": f"550 5.1.1 <{address}> nobody here is called that",
            "refuse-us": f"554 5.7.1 <{address}> relay access denied",
            "wait": "451 4.7.1 come back later",
            "be-busy": "421 4.7.0 too many messages",
        }
        if self.behave in refusals:
            return refusals[self.behave]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take the text; then answer, hang or break off."""
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        if self.behave == "break":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        if self.behave == "hang":
            await self.let_go.wait()
        return "250 taken"


class MailBench(Bench):
    """A mail server and the gateway to it."""

    address = BEN
    can_be_asked = None
    says_too_fast = False

    def __init__(self, mailbox: Mailbox, port: int) -> None:
        super().__init__()
        self.mailbox = mailbox
        self._port = port
        self.will("take")

    def taken(self) -> int:
        """How many mails the server has taken."""
        return len(self.mailbox.mails)

    def will(self, behave: str) -> None:
        """What the server does from now on."""
        self.mailbox.behave = behave
        port = free_port() if behave == "not-there" else self._port
        settings = SmtpSettings(host="127.0.0.1", port=port, sender=US, security="none")
        self.use(EmailGateway(settings, wall=lambda: AT, timeout_seconds=SHORT_SECONDS))


@pytest.fixture
async def mail() -> AsyncIterator[MailBench]:
    """A running mail server."""
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailbox, hostname="mail.test", loop=loop), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    yield MailBench(mailbox, port)
    mailbox.let_go.set()
    server.close()
    await server.wait_closed()


class TestEmail(GatewayContract):
    """The contract."""

    @pytest.fixture
    async def bench(self, mail: MailBench) -> Bench:
        """A mail server and its gateway."""
        return mail


async def test_a_mail_is_plain_text_with_an_id_of_its_own(mail: MailBench) -> None:
    """The subject has the beginning, the text has it all, a repeat has the same Message-ID."""
    text = "Möglicher Sturz, 12 Larch Close. Antworten Sie 4711, wenn Sie gehen. Bitte sofort."
    sent = await mail.gateway.send(mail.message(text=text))
    again = await mail.gateway.send(mail.message(text=text))
    found = message_from_bytes(mail.mailbox.mails[0], policy=default)
    assert (found["From"], found["To"]) == (US, BEN)
    assert found["Subject"].startswith("Möglicher Sturz, 12 Larch Close.")
    assert found["Subject"].endswith("…")
    assert found["Importance"] == "high"
    assert found["Date"] == "Sun, 01 Mar 2026 00:00:00 -0000"
    assert found.get_content().strip() == text
    assert sent.provider_id == again.provider_id == found["Message-ID"] == message_id(ALARM, US)
    assert sent.state is NotificationState.DELIVERED
    assert TEXT not in sent.provider_id


async def test_a_refused_address_is_not_the_servers_fault(mail: MailBench) -> None:
    """550: this address. 554 5.7.1: the server sends nothing for us. 451: later."""
    told = {}
    for how in ("refuse", "refuse-us", "wait"):
        mail.will(how)
        error = await mail.failure()
        told[how] = (error.permanent, error.about_recipient, error.code)
    assert told == {
        "refuse": (True, True, "smtp-550"),
        "refuse-us": (True, False, "smtp-554"),
        "wait": (False, False, "smtp-451"),
    }


async def test_an_address_cannot_smuggle_a_header(mail: MailBench) -> None:
    """What is no address is refused before anything is said."""
    mail.address = "ben@example.org\nBcc: all@example.org"
    error = await mail.failure()
    assert (error.permanent, error.about_recipient) == (True, True)
    assert mail.taken() == 0


async def test_nothing_is_said_in_clear_where_tls_was_asked_for(mail: MailBench) -> None:
    """A server without STARTTLS is not given the text."""
    settings = SmtpSettings(
        host="127.0.0.1", port=mail._port, sender=US, password="a-made-up-token"
    )
    gateway = EmailGateway(settings, wall=lambda: AT, timeout_seconds=SHORT_SECONDS)
    mail.use(gateway)
    error = await mail.failure()
    assert (error.permanent, error.sent_unknown) == (False, False)
    assert mail.taken() == 0
    assert "token" not in repr(settings)
