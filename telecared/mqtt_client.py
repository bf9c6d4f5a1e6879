"""A short-lived MQTT session for what we publish beside ingest, made from the broker's settings.

Shared by every part that has such a session, so that none has to know another. Nothing is sent
here; ingest has a client of its own, which acknowledges only after its commit.
"""

import ssl
from typing import Final

import aiomqtt

from telecared.ports import BrokerSettings

ANSWER_SECONDS: Final = 10.0
"""How long the broker may take for a connect, a subscription or one message."""


def client_for(
    settings: BrokerSettings, name: str, *, will: aiomqtt.Will | None = None
) -> aiomqtt.Client:
    """Return a client that is not connected yet.

    Args:
        settings: where and who. The client id gets `-{name}` appended, so that no other session
            of ours is taken over.
        name: of the part that publishes.
        will: what the broker says for us when we are gone.
    """
    tls = settings.tls
    return aiomqtt.Client(
        settings.host,
        settings.port,
        username=settings.username or None,
        password=settings.password or None,
        identifier=f"{settings.client_id}-{name}",
        keepalive=settings.keepalive_seconds,
        timeout=ANSWER_SECONDS,
        will=will,
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
