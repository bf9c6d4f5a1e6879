"""Signing in through an identity provider: one of our own proves it, in all its ways to lie."""

import asyncio
import base64
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from telecared.accounts_port import Draft
from telecared.adapters.entropy import salt
from telecared.adapters.identity import OidcProvider, ProviderSettings
from telecared.config.deployment import default_deployment, load_deployment
from telecared.core.operators import Role
from telecared.core.vocabulary import HOUR, SECOND
from telecared.errors import ConfigError
from telecared.serving import EmbeddedServer
from telecared.web.providing import BACK, provider_of
from tests.web.people_parts import BASE, Browser, Site, opened

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
CLIENT, SECRET = "telecared", "not-a-real-secret"


class FakeProvider:
    """A provider that says what it is told to say. It checks the proof (PKCE) as a real one does.

    Attributes:
        claims: what its word says beside the usual.
        key: with which it signs.
        down: it answers nothing sensible.
    """

    def __init__(self) -> None:
        self.claims: dict[str, object] = {}
        self.key = KEY
        self.down = False
        self.now = 0
        self.issuer = ""
        self.asked: dict[str, str] = {}
        self.discovered = 0
        self._server = EmbeddedServer(
            Starlette(
                routes=[
                    Route("/.well-known/openid-configuration", self._discovery),
                    Route("/keys", self._keys),
                    Route("/token", self._token, methods=["POST"]),
                ]
            ),
            "127.0.0.1:0",
        )
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Serve."""
        self._thread.start()
        assert self._ready.wait(10)
        self.issuer = f"http://127.0.0.1:{self._server.port}"

    def stop(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._serving.cancel)
        self._thread.join(10)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._serving = self._loop.create_task(self._server.run())

        async def until_over() -> None:
            await self._server.started.wait()
            self._ready.set()
            await asyncio.wait({self._serving})

        self._loop.run_until_complete(until_over())

    def authorize(self, address: str) -> str:
        """What a browser does there: return the way back with a code."""
        self.asked = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}
        return f"{BACK}?code=the-code&state={self.asked['state']}"

    async def _discovery(self, _: Request) -> Response:
        self.discovered += 1
        if self.down:
            return Response("out of order", 503)
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(KeySet([KEY]).as_dict(private=False))

    async def _token(self, request: Request) -> Response:
        form = {key: value[0] for key, value in parse_qs((await request.body()).decode()).items()}
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        is_proven = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        login = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            form.get("code") != "the-code"
            or is_proven != self.asked["code_challenge"]
            or request.headers.get("authorization") != f"Basic {login}"
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "4711",
            "nonce": self.asked["nonce"],
            "iat": self.now,
            "exp": self.now + 300,
            "preferred_username": "cara@x.test",
            **self.claims,
        }
        word = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": word})


@pytest.fixture(scope="module")
def serving() -> Iterator[FakeProvider]:
    """One provider for all."""
    made = FakeProvider()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def fake(serving: FakeProvider) -> FakeProvider:
    """The provider, honest again."""
    serving.claims, serving.key, serving.down = {}, KEY, False
    return serving


def settings(fake: FakeProvider, claim: str = "preferred_username") -> ProviderSettings:
    """Who we are to it."""
    return ProviderSettings(
        issuer=fake.issuer,
        client_id=CLIENT,
        client_secret=SECRET,
        claim=claim,
        scopes=("openid",),
        label="Sign in with Riverside",
        back=f"{BASE}{BACK}",
    )


@pytest.fixture
def site(tmp_path: Path, fake: FakeProvider) -> Iterator[Site]:
    """A console with the provider, and Cara, who has no password here."""
    with opened(tmp_path, provider=OidcProvider(settings(fake), chance=salt)) as made:
        draft = Draft(name="Cara Singh", role=Role.OPERATOR, known_as="cara@x.test")
        made.accounts.add(draft, None, must_change=True, by=None, now=made.now)
        fake.now = made.now // SECOND
        yield made


def come_back(fake: FakeProvider, client: Browser) -> tuple[int, str]:
    """Go there and back; return the status and the text, or where it leads."""
    there = client.get("/sign-in/provider")
    assert there.status_code == 303
    answer = client.get(fake.authorize(there.headers["location"]))
    return answer.status_code, answer.headers.get("location") or answer.text


def test_whom_the_provider_proves_works_under_their_own_name(
    fake: FakeProvider, site: Site
) -> None:
    """With a proof of the code's owner (S256), a state and a nonce of this one attempt."""
    client = site.client()
    assert "Sign in with Riverside" in client.get("/sign-in").text

    assert come_back(fake, client) == (303, "/")
    assert fake.asked["code_challenge_method"] == "S256"
    assert fake.asked["redirect_uri"] == f"{BASE}{BACK}"
    assert fake.asked["prompt"] == "login", "a locked desk is not opened by a cookie over there"
    page = client.get("/account").text
    assert "Cara Singh" in page
    assert "no password here" in page
    site.accounts.lock(client.cookies[site.console.session_cookie], site.now)
    locked = client.get("/lock").text
    assert "/sign-in/provider" in locked
    assert 'name="password"' not in locked


def test_whom_nobody_here_knows_is_not_let_in(fake: FakeProvider, site: Site) -> None:
    """Everybody of the organisation has an account there; few work here."""
    fake.claims = {"preferred_username": "eve@x.test"}

    status, page = come_back(fake, site.client())

    assert (status, "ask an administrator" in page) == (403, True)


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://elsewhere.test"},
        {"aud": "another client"},
        {"nonce": "of another attempt"},
        {"exp": 1_700_000_000},
        {"preferred_username": ""},
        {"preferred_username": 7},
    ],
)
def test_a_word_that_is_not_for_us_and_of_now_proves_nothing(
    fake: FakeProvider, site: Site, lie: dict[str, object]
) -> None:
    """Another issuer, another client, an old word, nobody named."""
    fake.claims = lie

    assert come_back(fake, site.client())[0] == 400


def test_a_word_that_somebody_else_signed_proves_nothing(fake: FakeProvider, site: Site) -> None:
    """The keys are asked for again afterwards: the provider may have new ones."""
    fake.key = OTHER_KEY
    before = fake.discovered

    assert come_back(fake, site.client())[0] == 400
    fake.key = KEY
    assert come_back(fake, site.client())[0] == 303
    assert fake.discovered == before + 2
    site.now += HOUR
    fake.now = site.now // SECOND
    assert come_back(fake, site.client())[0] == 303
    assert fake.discovered == before + 3


def test_an_answer_without_its_question_proves_nothing(fake: FakeProvider, site: Site) -> None:
    """Somebody else's way back, opened in this browser, signs nobody in."""
    other = site.client()
    back = fake.authorize(other.get("/sign-in/provider").headers["location"])

    assert site.client().get(back).status_code == 400
    assert other.get(back.replace("state=", "state=x")).status_code == 400
    assert other.get(back.replace("the-code", "made-up")).status_code == 400
    assert other.get(BACK).status_code == 400


def test_a_provider_that_is_down_is_told_and_passwords_go_on(
    tmp_path: Path, fake: FakeProvider
) -> None:
    """The console is not down with it."""
    fake.down = True
    with opened(tmp_path, provider=OidcProvider(settings(fake), chance=salt)) as site:
        answer = site.client().get("/sign-in/provider")
        assert (answer.status_code, "does not answer" in answer.text) == (503, True)


def test_without_a_provider_its_pages_lead_to_the_sign_in(tmp_path: Path) -> None:
    """It is off by default."""
    with opened(tmp_path) as site:
        for path in ("/sign-in/provider", BACK):
            assert site.client().get(path).headers["location"] == "/sign-in"


def test_an_address_counts_only_when_the_provider_has_verified_it(
    fake: FakeProvider, tmp_path: Path
) -> None:
    """Anybody may write somebody else's into their profile."""
    with opened(tmp_path, provider=OidcProvider(settings(fake, "email"), chance=salt)) as site:
        draft = Draft(name="Cara Singh", role=Role.OPERATOR, known_as="cara@x.test")
        site.accounts.add(draft, None, must_change=False, by=None, now=site.now)
        fake.now = site.now // SECOND
        fake.claims = {"email": "cara@x.test"}
        assert come_back(fake, site.client())[0] == 400
        fake.claims = {"email": "cara@x.test", "email_verified": True}
        assert come_back(fake, site.client())[0] == 303


DEPLOYMENT = """
console:
  public_url: "https://console.test"
  oidc: {issuer: "https://id.test", client_id: telecared, client_secret: {env: NOT_SET_ANYWHERE}}
"""


def test_the_deployment_names_the_provider_or_none(tmp_path: Path) -> None:
    """Without an address of ours it could not send anybody back; a secret must be there."""
    assert provider_of(default_deployment(tmp_path)) is None
    file = tmp_path / "telecared.yaml"
    file.write_text(DEPLOYMENT, encoding="utf-8")
    deployment = load_deployment(file)
    with pytest.raises(ConfigError, match="NOT_SET_ANYWHERE"):
        provider_of(deployment)
    plain = DEPLOYMENT.replace(", client_secret: {env: NOT_SET_ANYWHERE}", "")
    file.write_text(plain, encoding="utf-8")
    provider = provider_of(load_deployment(file))
    assert provider is not None
    assert provider.label == "Sign in with your organisation"
    file.write_text(plain.replace('public_url: "https://console.test"', ""), encoding="utf-8")
    with pytest.raises(ConfigError, match="public_url"):
        load_deployment(file)
