"""The daemon: puts the parts together, keeps every task alive, stops clean, reloads on request.

One task group; a task that ends ends the daemon, and systemd starts it again. What the parts do
is theirs.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
import structlog

from telecared.adapters.housekeeping import Housekeeping
from telecared.adapters.http_callbacks import HttpCallbacks
from telecared.adapters.mqtt import PahoSubscriber
from telecared.adapters.polling import Poller
from telecared.adapters.sqlite import RetentionClass, SqliteReader, back_up_nightly
from telecared.adapters.system_clock import wall_now
from telecared.adapters.systemd import Notifier, watchdog_seconds
from telecared.adapters.webhooks import Calls, WebhookListener
from telecared.calling import Calling
from telecared.config.deployment import Deployment
from telecared.config.load import LoadedPlan
from telecared.core.events import SITE, ConditionFound
from telecared.core.machinery import technical_key
from telecared.core.vocabulary import Duration, Instant
from telecared.core.windows import local
from telecared.errors import ConfigError, StoreError, StoreFull, TelecaredError
from telecared.outside import Part, outside_parts
from telecared.ports import Clock, InboundSms
from telecared.pulse import Beat, Pulse
from telecared.pulse_file import PulseFile
from telecared.senders import auth_token_of, callbacks_of, twilio_of, voice_tokens_of
from telecared.shard import Shard, broker_of, directory_of, open_shard

log = structlog.get_logger(__name__)

STOP_SECONDS: Final = 4.0
"""A stop takes no longer than this, whatever hangs; systemd is told to allow ten seconds."""

REST_SECONDS: Final = 2.0
"""How long a stop waits for messages that are just being handed to their provider."""

FAREWELL_SECONDS: Final = 2.0
"""How long each part may take to say goodbye before it is cancelled once more."""

WATCH_SECONDS: Final = 1.0
"""How often the parts are looked at."""

POLL_PROVIDER_SECONDS: Final = 2.0
"""Pause between questions to the provider where no webhook reaches us."""

POLL_BESIDE_WEBHOOK_SECONDS: Final = 120.0
"""With a webhook the provider is still asked, slowly: callbacks that we missed are not repeated."""

BACKUP_AT: Final = "02:40"
RETENTION_AT: Final = "03:40"
HEAD_AT: Final = "04:20"

HEAD_SECONDS: Final = 30.0
"""How long telling the chain's head to one place may take."""

_NEEDS_A_RESTART: Final = (
    "broker",
    "store",
    "sms",
    "voice",
    "email",
    "systems",
    "alert_topics",
    "heartbeat",
    "synthetic",
    "webhooks",
    "console",
    "schemes",
    "site",
    "mode",
    "allow",
    "retention",
    "backup",
    "limits",
)
"""What a reload leaves as it is, and says so; rules, policies, profiles and the centre it takes."""

Reload = Callable[[], tuple[Deployment, LoadedPlan]]
"""Reads the configuration again; raises ConfigError when it is bad."""


class Daemon:
    """A running shard.

    Args:
        deployment, loaded: what to run.
        clock_from: makes the clock from the latest engine time on record.
        reload: reads the configuration again on SIGHUP, which stops it where this is None.
        ready: called with the opened shard once everything runs.
        beside: returns what runs beside the daemon's own parts, of which it knows nothing; it must
            not end before it is cancelled.
    """

    def __init__(
        self,
        deployment: Deployment,
        loaded: LoadedPlan,
        *,
        clock_from: Callable[[Instant], Clock],
        reload: Reload | None = None,
        ready: Callable[[Shard], None] = lambda _: None,
        beside: Callable[[Shard], Sequence[Part]] = lambda _: (),
    ) -> None:
        self._deployment = deployment
        self._loaded = loaded
        self._clock_from = clock_from
        self._reload = reload
        self._ready = ready
        self._beside = beside
        self._systemd = Notifier()
        self._stop = asyncio.Event()
        self._reload_asked = asyncio.Event()

    def stop(self) -> None:
        """Ask for a clean stop."""
        self._stop.set()

    def reload(self) -> None:
        """Ask for the configuration to be read again."""
        self._reload_asked.set()

    async def run(self) -> None:
        """Run until `stop` or SIGTERM.

        Raises:
            ConfigError, StoreError: it cannot start.
            ExceptionGroup: a part failed; nothing that was acknowledged is lost.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self.reload if self._reload else self.stop)
        async with open_shard(
            self._deployment, clock_from=self._clock_from, loaded=self._loaded
        ) as shard:
            await self._run_shard(shard)

    async def _run_shard(self, shard: Shard) -> None:
        await shard.outbox.recover()
        site = shard.engine.homes.states[SITE]
        shard.outbox.restore({*site.findings, *site.pending})
        subscriber = await self._subscriber(shard)
        housekeeping = self._housekeeping(shard)
        outside = [*await outside_parts(self._deployment, shard), *self._beside(shard)]
        async with asyncio.TaskGroup() as group:
            engine = group.create_task(shard.engine.run(), name="engine")
            parts = [
                *(group.create_task(run(), name=name) for name, run in outside),
                group.create_task(subscriber.run(), name="mqtt"),
                group.create_task(shard.outbox.run(), name="outbox"),
                *(group.create_task(part, name=name) for name, part in self._provider_parts(shard)),
                group.create_task(self._watch(shard), name="watch"),
                group.create_task(self._reloads(shard), name="reload"),
            ]
            housekeeping.start()
            self._ready(shard)
            await self._stop.wait()
            self._systemd.tell("STOPPING=1")
            log.info("stopping")
            housekeeping.stop()
            await shard.outbox.rest(REST_SECONDS)
            for part in parts:
                part.cancel()
            shard.engine.stop()
            async with asyncio.timeout(STOP_SECONDS):
                await engine
            # A farewell that hangs (to a broker that is gone) is cut short.
            _, slow = await asyncio.wait(parts, timeout=FAREWELL_SECONDS)
            for part in slow:
                log.warning("stop.slow", part=part.get_name())
                part.cancel()
        await shard.close()

    async def _subscriber(self, shard: Shard) -> PahoSubscriber:
        engine = shard.engine
        filters = engine.filters()
        stale = [one for one in shard.stored_filters if one not in filters]
        subscriber = PahoSubscriber(
            broker_of(self._deployment),
            engine,
            filters=filters,
            drop=stale,
            receive_maximum=engine.receive_maximum,
        )
        engine.attach(subscriber)
        with contextlib.suppress(StoreFull):  # a full disk keeps nobody from being heard
            await shard.store.remember("filters", msgspec.json.encode(filters).decode())
        return subscriber

    def _provider_parts(self, shard: Shard) -> list[tuple[str, Coroutine[object, object, None]]]:
        """Return the tasks that hear from providers: the webhook, and asking each of them."""

        async def on_inbound(message: InboundSms) -> None:
            await shard.engine.tell(message)

        webhooks = self._deployment.webhooks
        callbacks = {one.name: one for one in callbacks_of(self._deployment)}
        parts: list[tuple[str, Coroutine[object, object, None]]] = []
        listened = twilio_of(self._deployment)
        heard = {one.label for one in (listened, *self._deployment.voice) if one is not None}
        for gateway in shard.each_gateway():
            told = gateway.name in heard if webhooks.public_url else False
            told = told or (gateway.name in callbacks and bool(callbacks[gateway.name].words))
            poller = Poller(
                gateway,
                partial(shard.outbox.awaiting, gateway.name),
                partial(shard.on_receipt, provider=gateway.name),
                on_inbound,
                POLL_BESIDE_WEBHOOK_SECONDS if told else POLL_PROVIDER_SECONDS,
                partial(_tell_unheard, shard, gateway.name),
            )
            parts.append((f"poller-{gateway.name}", poller.run()))
        tokens = voice_tokens_of(self._deployment)
        by_twilio = webhooks.public_url and (listened is not None or tokens)
        if by_twilio or callbacks:
            calling = Calling(shard.engine, shard.store)
            shard.watchers.append(calling.committed)
            listener = WebhookListener(
                webhooks.listen,
                webhooks.public_url or "",
                auth_token_of(self._deployment) if by_twilio else "",
                partial(shard.on_receipt, provider=listened.label if listened else ""),
                on_inbound,
                Calls(tokens, calling.text, calling.press, shard.on_receipt) if tokens else None,
                [
                    route
                    for name, told_by in callbacks.items()
                    for route in HttpCallbacks(
                        told_by, partial(shard.on_receipt, provider=name), on_inbound
                    ).routes()
                ],
            )
            parts.append(("webhooks", listener.run()))
        return parts

    # --- staying alive --------------------------------------------------------------------------

    async def _watch(self, shard: Shard) -> None:
        """Tell systemd how things stand; feed the watchdog only while the engine turns and commits.

        Every other task that ends takes the daemon with it, so the engine is what is left to ask.
        """
        pulse = Pulse(shard.engine, asyncio.get_running_loop().time)
        shard.watchers.append(pulse.committed)
        feed = watchdog_seconds()
        self._systemd.tell("READY=1")
        log.info("ready")
        with PulseFile(shard.deployment.store_path, shard.clock, wall_now) as told:
            while True:
                beat = pulse.beat()
                told.write(beat, shard.engine.homes.site, full=shard.engine.is_degraded)
                status = "stuck" if beat is Beat.STUCK else _status(shard)
                fed = () if beat is Beat.STUCK else ("WATCHDOG=1",)
                self._systemd.tell(f"STATUS={status}", *fed)
                await asyncio.sleep(min(WATCH_SECONDS, feed or WATCH_SECONDS))

    async def _reloads(self, shard: Shard) -> None:
        while True:
            await self._reload_asked.wait()
            self._reload_asked.clear()
            if self._reload is None:
                continue
            self._systemd.tell("STATUS=reading the configuration again")
            try:
                # In a thread: thousands of rules take seconds, and the watchdog must be fed.
                deployment, loaded = await asyncio.to_thread(self._reload)
            except ConfigError as error:
                log.error("reload.refused", problems=len(error.problems), first=error.problems[0])
                await shard.engine.tell(
                    ConditionFound(input=0, at=0, name="reload-refused", detail=error.problems[0])
                )
                continue
            shard.engine.use_profiles(directory_of(loaded.profiles))
            await shard.engine.tell(loaded.plan)
            over = ConditionFound(input=0, at=0, name="reload-refused", over=True)
            await shard.engine.tell(over)
            log.info("reloaded", rules=len(loaded.plan.rules))
            for key in _NEEDS_A_RESTART:
                if getattr(deployment, key) != getattr(self._deployment, key):
                    log.warning("reload.needs_restart", key=key)

    def _housekeeping(self, shard: Shard) -> Housekeeping:
        timezone = self._deployment.site.timezone
        housekeeping = Housekeeping(timezone)

        async def backup() -> None:
            await nightly_backup(shard)

        async def retention() -> None:
            terms = retention_of(self._deployment)
            counts = await shard.store.apply_retention(terms, shard.clock.now())
            held = await asyncio.to_thread(held_homes, shard.deployment.store_path)
            told = {str(name): count for name, count in counts.items()}
            log.info("retention", held_homes=held, **told)

        async def head() -> None:
            await tell_head(shard)

        housekeeping.daily(BACKUP_AT, "backup", backup)
        housekeeping.daily(RETENTION_AT, "retention", retention)
        housekeeping.daily(HEAD_AT, "chain-head", head)
        return housekeeping


async def _tell_unheard(shard: Shard, provider: str, failing: bool) -> None:
    """Tell people that a provider cannot be asked for replies and receipts, or can again."""
    site = shard.engine.homes.states[SITE]
    key = technical_key("provider-unheard", provider)
    if failing or key in site.findings or key in site.pending:
        found = ConditionFound(
            input=0, at=0, name="provider-unheard", subject=provider, over=not failing
        )
        await shard.engine.tell(found)


async def nightly_backup(shard: Shard) -> None:
    """Make the night's verified copy; a failure is an alert, not only a line in a log."""
    zone = shard.engine.homes.plans["@site"].zone
    night: datetime = local(shard.clock.now(), zone, shard.clock.wall_offset())
    backup = shard.deployment.backup
    try:
        await asyncio.to_thread(
            back_up_nightly,
            shard.deployment.store_path,
            shard.deployment.backup_path,
            night.date().isoformat(),
            backup.keep,
        )
    except (StoreError, OSError) as error:
        log.error("backup.failed", reason=type(error).__name__)
        await shard.engine.tell(ConditionFound(input=0, at=0, name="backup-failed"))
    else:
        await shard.engine.tell(ConditionFound(input=0, at=0, name="backup-failed", over=True))
        # The head leaves the machine with the log: whoever rewrites the chain cannot rewrite that.
        entries, head = await asyncio.to_thread(chain_head, shard.deployment.store_path)
        log.info("backup.made", chain_entries=entries, chain_head=head)


async def tell_head(shard: Shard) -> None:
    """Let the head of the audit chain leave the machine: to the log, and to whoever is told it.

    Whoever rewrites the chain afterwards cannot rewrite what stands there.
    """
    entries, head = await asyncio.to_thread(chain_head, shard.deployment.store_path)
    log.info("chain.head", entries=entries, head=head)
    payload = msgspec.json.encode({"entries": entries, "head": head})
    for tell in shard.head_told:
        try:
            async with asyncio.timeout(HEAD_SECONDS):
                await tell(payload)
        except (TelecaredError, OSError, TimeoutError) as error:
            log.warning("chain.head_not_told", error=type(error).__name__)


def chain_head(path: Path) -> tuple[int, str]:
    """Return how many entries the chain has and the hash of the newest."""
    return SqliteReader(path).chain_head()


def held_homes(path: Path) -> int:
    """Return how many homes retention passes over for a legal hold."""
    return len({one.home for one in SqliteReader(path).holds()})


def retention_of(deployment: Deployment) -> dict[RetentionClass, Duration]:
    """Return the term of each class of rows."""
    terms = deployment.retention
    return {
        RetentionClass.MESSAGES: terms.inputs,
        RetentionClass.UNDECODABLE: terms.inputs,
        RetentionClass.ALIVE: terms.inputs,
        RetentionClass.OTHER_INPUTS: terms.inputs,
        RetentionClass.SNAPSHOTS: terms.snapshots,
        RetentionClass.ALERTS: terms.alerts,
        RetentionClass.QUARANTINE: terms.alerts,
        RetentionClass.COMMANDS: terms.audit,
        RetentionClass.HOME_RECORDS: terms.audit,
    }


def _status(shard: Shard) -> str:
    homes = shard.engine.homes
    unresolved = sum(len(state.alerts) for state in homes.states.values())
    link = "linked" if homes.site.connected else "NO LINK TO THE BROKER"
    full = ", DISK FULL" if shard.engine.is_degraded else ""
    return f"{len(homes.plans) - 1} homes, {unresolved} alerts unresolved, {link}{full}"
