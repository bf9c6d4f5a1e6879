"""What a running shard tells the outside of itself: alert topics, a heartbeat, the self-test.

Made from the deployment and handed to the daemon as tasks. What each does is its own module's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine

import aiohttp
import msgspec
import structlog

from telecared.adapters.heartbeat import Heartbeat
from telecared.adapters.mqtt_alerts import AlertTopics
from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.adapters.paging import post_page
from telecared.adapters.system_clock import wall_now
from telecared.config.deployment import Deployment
from telecared.config.outward import overlapping
from telecared.config.secrets import SecretRef, resolve_secret
from telecared.core.plan import SYNTHETIC_HOME, HomeRecord
from telecared.core.selftest import NAME, TOPIC
from telecared.core.vocabulary import SECOND
from telecared.orders import ImportOrder
from telecared.ports import BrokerSettings
from telecared.pulse import Pulse
from telecared.rows import alert_row
from telecared.shard import Shard, broker_of
from telecared.signposts import Signposts
from telecared.store_port import CommandRow
from telecared.synthetic import Around, Synthetic

log = structlog.get_logger(__name__)

Part = tuple[str, Callable[[], Coroutine[object, object, None]]]
"""A task's name, and what begins it."""


async def outside_parts(deployment: Deployment, shard: Shard) -> list[Part]:
    """Return the tasks that tell the outside, and begin to watch the shard for them.

    Raises:
        ConfigError: a secret is not where it should be.
    """
    pulse = Pulse(shard.engine, asyncio.get_running_loop().time)
    shard.watchers.append(pulse.committed)
    parts: list[Part] = []
    if deployment.alert_topics is not None:
        topics = _alert_topics(deployment, shard)
        _tell_head(deployment, shard)
        if topics is not None:
            shard.watchers.append(topics.committed)
            parts.append(("alert-topics", topics.run))
    if deployment.heartbeat is not None:
        parts.append(("heartbeat", _heartbeat(deployment, pulse).run))
    if deployment.synthetic is not None:
        parts.append(("synthetic", _synthetic(deployment, shard, pulse).run))
    else:
        await _forget_synthetic(shard)
    return parts


def _alert_topics(deployment: Deployment, shard: Shard) -> AlertTopics | None:
    """Return the alert topics; None where a home's devices made us listen to them ourselves.

    `check` refuses what the deployment's own file does. What homes bring must not keep the daemon
    from starting: alarms matter more than lamps.
    """
    told = deployment.alert_topics
    assert told is not None  # asked for by the caller
    heard = overlapping(told.prefix, shard.engine.filters())
    if heard is not None:
        log.error("alert_topics.off", prefix=told.prefix, heard=heard)
        return None
    posts = Signposts(told.prefix, told.discovery)
    homes = shard.engine.homes
    for record in homes.records():
        if record.id != SYNTHETIC_HOME:
            posts.home(record.id, record.scheme)
    for home, state in homes.states.items():
        posts.alerts(alert_row(home, alert) for alert in state.alerts.values())
    filters = [f"{told.prefix}/#"]
    if told.discovery is not None:
        filters.append(f"{told.discovery}/binary_sensor/+/config")
    return AlertTopics(broker_of(deployment), posts, filters)


def _tell_head(deployment: Deployment, shard: Shard) -> None:
    """Have the head of the audit chain retained at the broker, beside the alert topics."""
    told = deployment.alert_topics
    assert told is not None  # asked for by the caller
    topic = f"{told.prefix.rpartition('/')[0] or told.prefix}/chain"
    if overlapping(topic, shard.engine.filters()) is None:
        shard.head_told.append(_publisher(broker_of(deployment), "chain", topic, retain=True))


def _heartbeat(deployment: Deployment, pulse: Pulse) -> Heartbeat:
    told = deployment.heartbeat
    assert told is not None  # asked for by the caller
    publish: Callable[[bytes], Awaitable[None]] | None = None
    if told.topic is not None:
        publish = _publisher(broker_of(deployment), "heartbeat", told.topic, retain=True)
    return Heartbeat(
        pulse.beat,
        wall_now,
        told.every / SECOND,
        url=_address(deployment, told.url),
        publish=publish,
    )


def _publisher(
    settings: BrokerSettings, name: str, topic: str, *, retain: bool = False
) -> Callable[[bytes], Awaitable[None]]:
    """Return what publishes one message by a session of its own, which ends with it."""
    own = msgspec.structs.replace(settings, client_id=f"{settings.client_id}-{name}")

    async def publish(payload: bytes) -> None:
        async with MqttPublisher(own) as publisher:
            await publisher.publish(topic, payload, retain=retain)

    return publish


def _address(deployment: Deployment, told: SecretRef | str | None) -> str | None:
    if isinstance(told, SecretRef):
        return resolve_secret(told, folder=deployment.folder)
    return told


def _synthetic(deployment: Deployment, shard: Shard, pulse: Pulse) -> Synthetic:
    told = deployment.synthetic
    assert told is not None  # asked for by the caller
    homes = shard.engine.homes
    address = _address(deployment, told.page.url) if told.page is not None else None

    def registered() -> HomeRecord | None:
        known = homes.plans.get(SYNTHETIC_HOME)
        return known.record if known is not None else None

    async def page(text: str) -> None:
        async with aiohttp.ClientSession() as session:
            await post_page(session, address or "", text)

    around = Around(
        press=_publisher(broker_of(deployment), "synthetic", TOPIC),
        add_command=shard.store.add_command,
        registered=registered,
        tell=shard.engine.tell,
        page=page if address is not None else None,
        beat=pulse.beat,
        now=shard.clock.now,
        seconds=asyncio.get_running_loop().time,
    )
    made = Synthetic(around, told.number, told.every / SECOND, told.within / SECOND)
    known = homes.states.get(SYNTHETIC_HOME)
    made.restored(known.alerts if known is not None else {})
    shard.watchers.append(made.committed)
    return made


async def _forget_synthetic(shard: Shard) -> None:
    """Delete the home of a synthetic resident that the deployment does not name any more."""
    known = shard.engine.homes.plans.get(SYNTHETIC_HOME)
    if known is None or known.record is None:
        return
    order = ImportOrder(homes=(), delete=(SYNTHETIC_HOME,))
    row = CommandRow(
        id=0, kind="import", by=NAME, via="synthetic", given_at=shard.clock.now(),
        body=msgspec.json.encode(order),
    )  # fmt: skip
    await shard.store.add_command(row)
