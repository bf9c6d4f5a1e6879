"""Gateways made from a deployment: every provider, with its secrets, in the order of choice."""

from pathlib import Path

import pytest

from telecared.adapters.email import EmailGateway
from telecared.adapters.http_sms import HttpSmsGateway
from telecared.adapters.push import NtfyGateway
from telecared.adapters.twilio import TwilioGateway
from telecared.adapters.webhook_out import WebhookGateway
from telecared.config.deployment import Deployment, load_deployment
from telecared.core.vocabulary import Channel, NotificationState
from telecared.errors import ConfigError
from telecared.senders import auth_token_of, callbacks_of, gateways_of, rates_of
from tests.config.test_channels import ALL

SECRETS = ("T", "K", "P", "M", "S", "N", "C")


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """Every channel, with its secrets in the environment."""
    for name in SECRETS:
        monkeypatch.setenv(name, f"a-made-up-secret-{name}")
    without_apprise = ALL.replace("  - {id: matrix, push: {apprise: {env: A}}}\n", "")
    (tmp_path / "t.yaml").write_text(without_apprise, encoding="utf-8")
    return load_deployment(tmp_path / "t.yaml")


async def test_every_channel_has_its_providers_in_the_order_of_choice(
    deployment: Deployment,
) -> None:
    """Names are those of the file, rates too, and each can be closed."""
    made = gateways_of(deployment)
    assert list(made) == list(Channel)
    first, second = made[Channel.SMS]
    assert isinstance(first, TwilioGateway)
    assert isinstance(second, HttpSmsGateway)
    assert (first.name, second.name) == ("twilio", "modem")
    assert isinstance(made[Channel.EMAIL][0], EmailGateway)
    assert isinstance(made[Channel.WEBHOOK][0], WebhookGateway)
    assert isinstance(made[Channel.PUSH][0], NtfyGateway)
    assert rates_of(deployment) == {"modem": 0.5}
    assert auth_token_of(deployment) == "a-made-up-secret-T"
    for several in made.values():
        for gateway in several:
            await gateway.close()


async def test_a_secret_that_is_missing_is_told_before_anything_starts(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P11: by its name, never by what it holds."""
    monkeypatch.delenv("S")
    with pytest.raises(ConfigError, match="environment variable S is not set"):
        gateways_of(deployment)


def test_a_provider_may_report_by_itself_in_the_words_of_its_status(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words are written once; a secret that can be guessed is refused before anything starts."""
    [told] = callbacks_of(deployment)
    assert (told.name, told.secret) == ("modem", "a-made-up-secret-C")
    assert told.words["delivrd"] is NotificationState.DELIVERED
    assert told.inbound is not None
    assert tuple(told.inbound) == ("msisdn", "text", "id")
    for weak in ("short", "with/a/slash/in/the/middle"):
        monkeypatch.setenv("C", weak)
        with pytest.raises(ConfigError, match="at least 16 characters") as caught:
            callbacks_of(deployment)
        assert weak not in str(caught.value)
