"""E-mail with STARTTLS or TLS and a login, against a real mail server with a certificate."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from telecared.adapters.email import EmailGateway, Security, SmtpSettings
from telecared.errors import GatewayError
from telecared.ports import Outgoing
from tests.adapters.gateway_contract import ALARM, SHORT_SECONDS, TEXT
from tests.adapters.test_email import AT, BEN, US, Mailbox

pytestmark = [
    # The server's side of a handshake that failed is left to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
]

PATIENCE = SHORT_SECONDS * 10
"""A handshake takes longer than a word, on a busy machine."""

USER, PASSWORD = "telecared", "a-made-up-token"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a server's certificate, and another that signed nothing."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificates")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    for name in ("mail", "other"):
        made = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        out = ["-keyout", f"{name}.key", "-out", f"{name}.crt"]
        subprocess.run(
            ["openssl", "req", "-x509", *curve, *made, *out],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
    return folder


class Strict(Mailbox):
    """A mail server that takes nothing in clear and from nobody without a login."""

    def __init__(self) -> None:
        super().__init__()
        self.in_clear: list[bool] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Note whether anybody could have read along."""
        self.in_clear.append(session.ssl is None and not isinstance(server.transport, _Secure))
        return await super().handle_DATA(server, session, envelope)

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        """Know one user."""
        assert isinstance(data, LoginPassword)
        known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)


_Secure = asyncio.sslproto._SSLProtocolTransport


@asynccontextmanager
async def server(mailbox: Strict, folder: Path, security: Security) -> AsyncIterator[int]:
    """Run a mail server; yield its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "mail.crt", folder / "mail.key")
    loop = asyncio.get_running_loop()
    starts = security == "starttls"

    def make() -> SMTP:
        return SMTP(
            mailbox,
            hostname="localhost",
            loop=loop,
            tls_context=context if starts else None,
            require_starttls=starts,
            authenticator=mailbox.authenticate,
            auth_required=True,
            auth_require_tls=starts,  # aiosmtpd does not know that the rest is TLS already
        )

    listening = await loop.create_server(make, "127.0.0.1", 0, ssl=None if starts else context)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()


def gateway(port: int, ca: Path, security: Security, password: str = PASSWORD) -> EmailGateway:
    """A gateway to it."""
    settings = SmtpSettings(
        host="localhost",
        port=port,
        sender=US,
        security=security,
        username=USER,
        password=password,
        ca_file=str(ca),
    )
    return EmailGateway(settings, wall=lambda: AT, timeout_seconds=PATIENCE)


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_mail_goes_by_tls_with_a_login(certificates: Path, security: Security) -> None:
    """P11: nothing is said in clear, and the server knows who sends."""
    mailbox = Strict()
    async with server(mailbox, certificates, security) as port:
        sender = gateway(port, certificates / "mail.crt", security)
        await sender.send(Outgoing(ALARM, BEN, TEXT))
    assert mailbox.in_clear == [False]
    assert b"Larch Close" in mailbox.mails[0]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_that_nobody_vouches_for_is_not_given_the_text(
    certificates: Path, security: Security
) -> None:
    """Another's certificate: it is certain that nothing went, and it is tried again."""
    mailbox = Strict()
    async with server(mailbox, certificates, security) as port:
        sender = gateway(port, certificates / "other.crt", security)
        with pytest.raises(GatewayError) as caught:
            await sender.send(Outgoing(ALARM, BEN, TEXT))
    assert (caught.value.permanent, caught.value.sent_unknown) == (False, False)
    assert mailbox.mails == []


async def test_a_wrong_password_is_our_fault_and_nobody_elses(certificates: Path) -> None:
    """It refuses everybody's mail, so that the provider counts as failing; no secret is told."""
    mailbox = Strict()
    async with server(mailbox, certificates, "starttls") as port:
        sender = gateway(port, certificates / "mail.crt", "starttls", password="wrong-token")
        with pytest.raises(GatewayError) as caught:
            await sender.send(Outgoing(ALARM, BEN, TEXT))
    error = caught.value
    assert (error.permanent, error.about_recipient, error.sent_unknown) == (True, False, False)
    assert error.code == "smtp-535"
    assert "token" not in str(error)
    assert mailbox.mails == []


async def test_a_certificate_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    """A `ca` that is not there is an error of the settings, and not a crash of the outbox."""
    sender = gateway(25, tmp_path / "nowhere.crt", "tls")
    with pytest.raises(GatewayError) as caught:
        await sender.send(Outgoing(ALARM, BEN, TEXT))
    assert not caught.value.about_recipient
    assert not caught.value.sent_unknown
