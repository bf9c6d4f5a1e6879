"""Why the link to the broker is down, in sentences that name the place and the remedy.

No secret ever stands in them: neither password nor payload. Nothing is decided here.
"""

import socket
import ssl
from typing import Final

from telecared.ports import BrokerSettings

_REFUSALS: Final = {
    "Bad user name or password": "refused our user name or password: check broker.username and"
    " the secret that broker.password refers to",
    "Not authorized": "does not allow us in: check broker.username, the secret that"
    " broker.password refers to, and the broker's access rules",
    "Client identifier not valid": "refused our client id: check broker.client_id",
    "Unsupported protocol version": "does not speak this version of MQTT: check broker.protocol",
    "Banned": "has banned this client: ask whoever keeps the broker",
    "Server busy": "is busy; we try again",
    "Server unavailable": "is not available yet; we try again",
    "Quota exceeded": "says that a quota is exceeded: check the broker's limits",
}

_ENDINGS: Final = {
    "Session taken over": "another client connected with our client id: give each program its own"
    " broker.client_id",
    "Server shutting down": "it is shutting down",
    "Keep alive timeout": "it no longer answers: check the network between us and the broker",
    "Receive maximum exceeded": "it says that we took too many messages at once",
    "Packet too large": "it says that a packet was too large",
    "Administrative action": "whoever keeps the broker ended it",
}


def place(settings: BrokerSettings) -> str:
    """Return how sentences name the broker."""
    return f"The broker at {settings.host}:{settings.port}"


def not_reached(error: OSError, settings: BrokerSettings) -> str:
    """Say why no connection could be made."""
    where = place(settings)
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"{where} showed a certificate that we do not accept ({error.verify_message}): check"
            " broker.tls.ca_file, and that the certificate names this host."
        )
    if isinstance(error, ssl.SSLError):
        return f"{where} and we cannot agree on TLS: check the port and broker.tls."
    if isinstance(error, socket.gaierror):
        return f"{where} has a name that cannot be resolved: check broker.url and the name server."
    if isinstance(error, ConnectionRefusedError):
        return f"{where} is not there: check that it runs and listens on this address."
    if isinstance(error, TimeoutError):
        return f"{where} does not answer: check the network and any firewall on the way."
    return f"{where} cannot be reached ({error.strerror or type(error).__name__})."


def tls_unreadable(error: OSError) -> str:
    """Say that our own TLS files cannot be used."""
    detail = error.strerror or getattr(error, "reason", None) or type(error).__name__
    return (
        f"The files named by broker.tls cannot be used ({detail}): check that ca_file, cert_file"
        " and key_file exist, are readable by this user and belong together."
    )


def refused(name: str, settings: BrokerSettings) -> str:
    """Say why the broker refused the connect; `name` is MQTT's name of the reason."""
    return f"{place(settings)} {_REFUSALS.get(name, f'refused us ({name})')}."


def ended(name: str, settings: BrokerSettings) -> str:
    """Say why a connection ended; `name` is MQTT's name of the reason."""
    return f"{place(settings)} is gone: {_ENDINGS.get(name, 'the connection broke')}."


def unreadable(settings: BrokerSettings) -> str:
    """Say that a packet of MQTT 5 could not be read."""
    return (
        f"{place(settings)} handed over a packet that cannot be read as MQTT 5; we ask again in"
        " MQTT 3.1.1: leave broker.protocol at auto, and look at what its senders put into user"
        " properties."
    )


def hung_up(settings: BrokerSettings) -> str:
    """Say that the broker closed the connection before it had answered."""
    return f"{place(settings)} hung up on us before it answered: check its log and its listener."


def mute(settings: BrokerSettings) -> str:
    """Say that the broker took the connection and never answered."""
    return f"{place(settings)} took the connection but does not answer: check that it is not stuck."


def path_dead(topic: str, settings: BrokerSettings) -> str:
    """Say that the canaries stopped coming back."""
    return (
        f"{place(settings)} no longer brings back our own messages: the path is dead, or its"
        f" access rules do not let us publish and read {topic}."
    )


def canary_withheld(topic: str, settings: BrokerSettings) -> str:
    """Say that the broker works but keeps our canary from us."""
    return (
        f"{place(settings)} keeps our own messages on {topic} from us: allow us to publish and"
        " read that topic. Until then a dead path is found by keepalive alone, and after an outage"
        " we wait the full time before absence is judged."
    )


def filter_refused(topic_filter: str, name: str, settings: BrokerSettings) -> str:
    """Say that a subscription was refused."""
    return (
        f"{place(settings)} refuses the subscription {topic_filter} ({name}): allow us to"
        " read it in the broker's access rules. We keep asking."
    )


def filter_weakened(topic_filter: str, settings: BrokerSettings) -> str:
    """Say that a subscription was granted without the promise of delivery."""
    return (
        f"{place(settings)} grants {topic_filter} at QoS 0 only: messages can be lost on"
        " the way. Raise the broker's maximum QoS to 1."
    )


def session_shortened(granted: int, settings: BrokerSettings) -> str:
    """Say that the broker keeps our session for less time than we asked for."""
    return (
        f"{place(settings)} keeps our session for {granted} s instead of"
        f" {settings.session_expiry_seconds} s: raise its session expiry limit, or a longer outage"
        " loses messages."
    )
