"""One shard put together: store, engine and outbox, opened and closed in order.

What `run`, `demo` and the commands without a daemon share. Which parts are configured is read
from the deployment; nothing is decided here.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from telecared.adapters.entropy import salt
from telecared.adapters.sqlite import SqliteStore, engine_lock
from telecared.adapters.system_clock import wall_now
from telecared.config.deployment import Deployment
from telecared.config.load import LoadedPlan, load_plan
from telecared.config.profiles import LoadedProfile
from telecared.config.secrets import resolve_secret
from telecared.core.directory import Directory
from telecared.core.events import NotificationReported
from telecared.core.links import SECRET_KEY
from telecared.core.plan import HomeRecord
from telecared.core.registered import binding_of
from telecared.core.vocabulary import Instant, NotificationState
from telecared.engine import Engine, Limits
from telecared.errors import StoreError
from telecared.hearing import Reported
from telecared.outbox import Outbox
from telecared.ports import BrokerSettings, Clock, Gateway, Receipt, TlsFiles
from telecared.senders import gateways_of, rates_of
from telecared.sending import NUMBER_REFUSED
from telecared.store_port import Batch, Loaded

log = structlog.get_logger(__name__)

FINAL = (NotificationState.DELIVERED, NotificationState.UNDELIVERED, NotificationState.FAILED)
FAILED = (NotificationState.UNDELIVERED, NotificationState.FAILED)

OWNER_PAUSES = (0.2, 0.5, 1.0)
"""Seconds between looks for the message of a receipt that came before the answer to its send."""


class Shard:
    """An opened shard. Made by `open_shard`.

    Attributes:
        gateways: channel -> its providers, first choice first.
        stored_filters: what the session at the broker was subscribed to.
        watchers: are told every batch that is durable, after the outbox.
        head_told: are told the head of the audit chain once a day, as JSON.
    """

    def __init__(
        self, deployment: Deployment, loaded: LoadedPlan, store: SqliteStore, clock: Clock
    ) -> None:
        self.deployment = deployment
        self.loaded = loaded
        self.store = store
        self.clock = clock
        self.gateways = gateways_of(deployment)
        self.stored_filters: tuple[str, ...] = ()
        self.watchers: list[Callable[[Batch], None]] = []
        self.head_told: list[Callable[[bytes], Awaitable[None]]] = []
        self.engine: Engine
        self.outbox: Outbox

    def committed(self, batch: Batch) -> None:
        """Pass a batch on to the outbox and to whoever watches."""
        self.outbox.committed(batch)
        for watcher in self.watchers:
            watcher(batch)

    async def on_receipt(self, receipt: Receipt, provider: str = "") -> None:
        """Return once a provider's receipt is durable; one of no message of ours is logged.

        A failure of an attempt that a later one has replaced is kept as evidence, and changes
        nothing: the message is on its way by another provider.
        """
        notification = receipt.notification or await self._owner(receipt.provider_id, provider)
        if not notification:
            log.warning("receipt.of_nothing")
            return
        replaced = False
        if receipt.state in FAILED:
            _, latest = await self.store.attempt_of(notification)
            replaced = latest not in ("", receipt.provider_id)
        event = NotificationReported(
            input=0,
            at=0,
            notification=notification,
            state=receipt.state,
            code=receipt.code,
            number_refused=receipt.code in NUMBER_REFUSED,
        )
        await self.engine.tell(
            Reported(
                event,
                receipt_by=provider,
                receipt_id=receipt.provider_id,
                stages=() if receipt.stage is None else (receipt.stage,),
                folded=not replaced,
            )
        )
        if receipt.state in FINAL:
            self.outbox.settled(receipt.provider_id)

    async def _owner(self, provider_id: str, provider: str) -> str | None:
        """Return the notification that a provider's id belongs to.

        A provider may report before its own answer, with the id, is on record here.
        """
        for pause in OWNER_PAUSES:
            found = await self.store.notification_of(provider_id, provider)
            if found is not None:
                return found
            await asyncio.sleep(pause)
        return await self.store.notification_of(provider_id, provider)

    def each_gateway(self) -> Iterator[Gateway]:
        """Yield every provider of every channel."""
        for several in self.gateways.values():
            yield from several

    async def close(self) -> None:
        """Let go of the connections to every provider."""
        for gateway in self.each_gateway():
            await gateway.close()


@asynccontextmanager
async def open_shard(
    deployment: Deployment,
    *,
    clock_from: Callable[[Instant], Clock],
    loaded: LoadedPlan | None = None,
) -> AsyncIterator[Shard]:
    """Open the store under the engine lock, start the engine, and put a clean stop on record.

    Args:
        deployment: what to open.
        clock_from: makes the clock from the latest engine time on record.
        loaded: rules and profiles, where they have been read already.

    Raises:
        ConfigError: something that people wrote is wrong.
        StoreError: the store cannot be used, or another engine runs on it.
    """
    loaded = loaded or load_plan(deployment)
    path = deployment.store_path
    path.parent.mkdir(parents=True, exist_ok=True)
    with engine_lock(path):
        store = SqliteStore(path, salt=salt)
        try:
            state = await store.load()
            shard = Shard(deployment, loaded, store, clock_from(state.last_at))
            shard.stored_filters = state.filters
            shard.engine = Engine(
                store,
                state,
                clock=shard.clock,
                directory_of=directory_of(loaded.profiles),
                committed=shard.committed,
                schemes={scheme.id: scheme.topics or () for scheme in deployment.schemes},
                limits=Limits(
                    inbox_messages=deployment.limits.inbox_messages,
                    batch_messages=deployment.limits.batch_messages,
                    in_flight=deployment.limits.in_flight,
                    payload_bytes=deployment.limits.payload_bytes,
                ),
            )
            shard.outbox = Outbox(
                store,
                shard.gateways,
                tell=shard.engine.tell,
                wall=wall_now,
                allowed=frozenset(deployment.allow) if deployment.mode == "pilot" else None,
                rates=rates_of(deployment),
                now=shard.clock.now,
                link_secret=await _link_secret(store, state),
            )
            await shard.engine.start(loaded.plan)
            yield shard
            await shard.engine.finish()
        finally:
            await store.close()


async def _link_secret(store: SqliteStore, state: Loaded) -> bytes:
    """Return what signs the links in texts: made once, and kept in the store."""
    if state.link_secret:
        return state.link_secret
    made = salt()
    with contextlib.suppress(StoreError):  # a full disk: its links work when it is kept
        await store.remember(SECRET_KEY, made.hex())
    return made


async def apply_waiting(
    deployment: Deployment,
    *,
    clock_from: Callable[[Instant], Clock],
    loaded: LoadedPlan | None = None,
) -> None:
    """Carry out the commands that wait, where no daemon runs; messages go out when one does."""
    loaded = loaded or load_plan(deployment)
    # Nothing is sent here, so that the provider's secret, which only the service may read, is
    # not asked for. The plan has the channels all the same.
    silent = deployment.model_copy(update={"sms": (), "voice": (), "email": (), "systems": ()})
    async with open_shard(silent, clock_from=clock_from, loaded=loaded):
        pass


def directory_of(
    profiles: Mapping[str, LoadedProfile],
) -> Callable[[Sequence[HomeRecord]], Directory]:
    """Return what builds the directory of devices with these profiles."""
    compiled = {name: profile.compiled for name, profile in profiles.items()}

    def build(records: Sequence[HomeRecord]) -> Directory:
        return Directory(
            [binding_of(record.id, device) for record in records for device in record.devices],
            compiled,
        )

    return build


def broker_of(deployment: Deployment) -> BrokerSettings:
    """Return the broker's settings with the password resolved."""
    broker = deployment.broker
    parts = urlsplit(broker.url)
    secure = parts.scheme == "mqtts"
    ca: Path | None = deployment.ca_path
    return BrokerSettings(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or (8883 if secure else 1883),
        tls=TlsFiles(ca_file=str(ca) if ca else "") if secure else None,
        username=broker.username or "",
        password=(
            resolve_secret(broker.password, folder=deployment.folder) if broker.password else ""
        ),
        client_id=broker.client_id,
        protocol=broker.protocol,
    )
