"""MQTT in for a recording, over aiomqtt: a session of its own that only listens.

What is lost with the link is lost: never for ingest, which acknowledges after its commit. What is
heard is handed on as it came; writing it down is the caller's part.
"""

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import aiomqtt

from telecared.errors import TelecaredError
from telecared.ports import BrokerSettings

ANSWER_SECONDS: Final = 10.0
"""How long the broker may take for a connect or a subscription."""


class ListenError(TelecaredError):
    """The broker could not be listened to; the sentence says why."""


class Heard(NamedTuple):
    """One message as the broker handed it on."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


@asynccontextmanager
async def listening(
    settings: BrokerSettings, filters: Sequence[str]
) -> AsyncIterator[AsyncIterator[Heard]]:
    """Yield what a broker hands on of some topics, from when the subscription stands.

    Args:
        settings: where and who. The client id gets `-listen` appended, so that the daemon's
            session is left alone.
        filters: topic filters.

    Raises:
        ListenError: the broker cannot be reached, refuses, or hangs up.
    """
    try:
        async with _client(settings) as client:
            for each in filters:
                await client.subscribe(each, qos=1)
            yield _messages(client)
    except (aiomqtt.MqttError, OSError) as error:
        raise ListenError(
            f"Listening to the broker at {settings.host}:{settings.port} failed ({error}): check"
            " that it runs, broker.url and our access rights."
        ) from error


async def _messages(client: aiomqtt.Client) -> AsyncIterator[Heard]:
    async for message in client.messages:
        yield Heard(message.topic.value, message.payload, message.qos, message.retain)


def _client(settings: BrokerSettings) -> aiomqtt.Client:
    tls = settings.tls
    return aiomqtt.Client(
        settings.host,
        settings.port,
        username=settings.username or None,
        password=settings.password or None,
        identifier=f"{settings.client_id}-listen",
        keepalive=settings.keepalive_seconds,
        timeout=ANSWER_SECONDS,
        tls_params=None
        if tls is None
        else aiomqtt.TLSParameters(
            ca_certs=tls.ca_file or None,
            certfile=tls.cert_file or None,
            keyfile=tls.key_file or None,
            cert_reqs=ssl.CERT_NONE if tls.insecure else ssl.CERT_REQUIRED,
        ),
        tls_insecure=None if tls is None else tls.insecure,
    )
