"""Gateways made from the deployment: every provider of every channel, with secrets followed.

Which is configured is read; nothing is decided, and nothing is sent here.
"""

from pathlib import Path
from typing import Final

from telecared.adapters.email import EmailGateway, SmtpSettings
from telecared.adapters.http_callbacks import HttpCallback, InboundFields
from telecared.adapters.http_sms import HttpSms, HttpSmsGateway, Status, basic_login
from telecared.adapters.push import AppriseGateway, NtfyGateway, apprise_of
from telecared.adapters.system_clock import wall_now
from telecared.adapters.twilio import TwilioGateway
from telecared.adapters.twilio_voice import TwilioVoice
from telecared.adapters.webhook_out import WebhookGateway
from telecared.config.channels import Mail, Sms, SystemBody, Voice
from telecared.config.deployment import Deployment
from telecared.config.secrets import SecretRef, resolve_secret
from telecared.core.vocabulary import Channel, NotificationState
from telecared.errors import ConfigError
from telecared.ports import Gateway
from telecared.twilio_wire import status_url

SHORTEST_SECRET: Final = 16
"""Characters of a secret in an address: whoever guesses it answers in people's names."""

Gateways = dict[Channel, list[Gateway]]


def gateways_of(deployment: Deployment) -> Gateways:
    """Return channel -> its providers, first choice first; no entry for a channel without.

    Raises:
        ConfigError: a secret is not where it should be, or a package is missing.
    """
    found: Gateways = {
        Channel.SMS: [_sms(deployment, one) for one in deployment.sms],
        Channel.VOICE: [_voice(deployment, one) for one in deployment.voice],
        Channel.EMAIL: [_email(deployment, one) for one in deployment.email],
        Channel.WEBHOOK: [],
        Channel.PUSH: [],
    }
    for system in deployment.systems:
        found[system.system.channel].append(_system(deployment, system))
    return {channel: several for channel, several in found.items() if several}


def rates_of(deployment: Deployment) -> dict[str, float]:
    """Return name of a provider -> messages a second, for those that say so."""
    several: tuple[Sms | Voice | Mail, ...]
    several = (*deployment.sms, *deployment.voice, *deployment.email)
    return {one.label: one.rate for one in several if one.rate is not None}


def twilio_of(deployment: Deployment) -> Sms | None:
    """Return the SMS provider whose callbacks are listened to; None when there is none."""
    return next((one for one in deployment.sms if one.provider == "twilio"), None)


def auth_token_of(deployment: Deployment) -> str:
    """Return the token with which the SMS provider's callbacks are signed; "" for none."""
    told = twilio_of(deployment)
    return _secret(deployment, told.auth_token) if told and told.auth_token else ""


def voice_tokens_of(deployment: Deployment) -> dict[str, str]:
    """Return name of a provider of calls -> the token with which its callbacks are signed."""
    return {one.label: _secret(deployment, one.auth_token) for one in deployment.voice}


def callbacks_of(deployment: Deployment) -> list[HttpCallback]:
    """Return how providers over plain HTTP report by themselves, for those that do.

    Raises:
        ConfigError: a secret is not where it should be, or can be guessed.
    """
    return [_callback(deployment, one) for one in deployment.sms if one.callback is not None]


def _callback(deployment: Deployment, told: Sms) -> HttpCallback:
    callback = told.callback
    assert callback is not None  # seen to by the caller
    secret = _secret(deployment, callback.secret)
    if len(secret) < SHORTEST_SECRET or "/" in secret:
        message = (
            f"sms {told.label}: callback.secret must have at least {SHORTEST_SECRET} characters"
            " and no slash; make one with: openssl rand -hex 16"
        )
        raise ConfigError([message])
    words = callback.words() or (told.status.words() if told.status is not None else [])
    inbound = callback.inbound
    return HttpCallback(
        name=told.label,
        secret=secret,
        id_field=callback.id_field,
        status_field=callback.status_field,
        code_field=callback.code_field,
        words={word.lower(): NotificationState(state) for word, state in words},
        inbound=None
        if inbound is None
        else InboundFields(inbound.from_field, inbound.text_field, inbound.id_field),
    )


def _secret(deployment: Deployment, reference: SecretRef) -> str:
    return resolve_secret(reference, folder=deployment.folder)


def _sms(deployment: Deployment, told: Sms) -> Gateway:
    if told.provider == "http":
        return _http_sms(deployment, told)
    assert told.account_sid is not None  # the deployment's reader saw to these three
    assert told.auth_token is not None
    assert told.from_ is not None
    # Callbacks are checked with one account's token; a second account is asked instead.
    public_url = deployment.webhooks.public_url if told is twilio_of(deployment) else None
    gateway = TwilioGateway(
        told.account_sid,
        _secret(deployment, told.auth_token),
        told.from_,
        base_url=told.base_url,
        status_callback=(lambda one: status_url(public_url, one)) if public_url else None,
    )
    gateway.name = told.label
    return gateway


def _http_sms(deployment: Deployment, told: Sms) -> Gateway:
    headers = {
        name: value if isinstance(value, str) else _secret(deployment, value)
        for name, value in told.headers.items()
    }
    if told.login is not None:
        password = _secret(deployment, told.login.password)
        headers["Authorization"] = basic_login(told.login.username, password)
    status = None
    if told.status is not None:
        status = Status(
            url=told.status.url,
            field=told.status.field,
            code=told.status.code,
            words={word.lower(): NotificationState(state) for word, state in told.status.words()},
        )
    settings = HttpSms(
        url=told.url or "",
        method=told.method,
        headers=headers,
        sender=told.from_ or "",
        body=told.body,
        encoding=told.encoding,
        ok=told.ok,
        id_field=told.id_field,
        accepted=None if told.accepted is None else (told.accepted.field, told.accepted.is_),
        status=status,
    )
    return HttpSmsGateway(told.label, settings)


def _voice(deployment: Deployment, told: Voice) -> Gateway:
    gateway = TwilioVoice(
        told.account_sid,
        _secret(deployment, told.auth_token),
        told.from_,
        deployment.webhooks.public_url or "",
        base_url=told.base_url,
    )
    gateway.name = told.label
    return gateway


def _email(deployment: Deployment, told: Mail) -> Gateway:
    ca: Path | None = None if told.ca is None else deployment.folder / told.ca
    settings = SmtpSettings(
        host=told.host,
        port=told.port_used,
        sender=told.from_,
        security=told.security,
        username=told.username or "",
        password="" if told.password is None else _secret(deployment, told.password),
        ca_file="" if ca is None else str(ca),
    )
    return EmailGateway(settings, wall=wall_now, name=told.label)


def _system(deployment: Deployment, told: SystemBody) -> Gateway:
    if told.webhook is not None:
        secret = _secret(deployment, told.webhook.secret)
        return WebhookGateway(told.id, told.webhook.url, secret, wall=wall_now)
    assert told.push is not None  # the deployment's reader saw to it
    if told.push.apprise is not None:
        return AppriseGateway(told.id, apprise_of(_secret(deployment, told.push.apprise)))
    token = "" if told.push.token is None else _secret(deployment, told.push.token)
    return NtfyGateway(told.id, told.push.ntfy or "", token)
