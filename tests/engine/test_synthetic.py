"""The synthetic resident: the whole way with real parts, and each way in which it may fail."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from telecared.adapters.system_clock import EngineClock
from telecared.app import Daemon
from telecared.config.deployment import load_deployment
from telecared.config.load import load_plan
from telecared.core.effects import Notify
from telecared.core.events import ConditionFound
from telecared.core.plan import SYNTHETIC_HOME
from telecared.core.selftest import RULE, home_of, with_synthetic
from telecared.core.vocabulary import (
    AlertState,
    Channel,
    NotificationState,
    Outcome,
    Priority,
)
from telecared.errors import PublishError, StoreError
from telecared.pulse import Beat
from telecared.serving import running
from telecared.shard import Shard
from telecared.sim.behaviour import Behaviour
from telecared.sim.broker import MosquittoBroker, find_mosquitto
from telecared.store_port import (
    AlertRow,
    Batch,
    CommandRow,
    InputRow,
    NotificationUpdate,
    NotifyRow,
)
from telecared.synthetic import FAILED, Around, Leg, Synthetic
from tests.adapters.provider import ACCOUNT, OUR_NUMBER, fake_twilio
from tests.engine.conftest import MakeNight
from tests.engine.scenery import PENDANT, home, plan_of

NUMBER = "+447700900999"
WITHIN = 0.05
LONG = 60.0

DEPLOYMENT = """
broker: {{url: "mqtt://127.0.0.1:{broker}"}}
rules: [rules.yaml]
sms:
  - provider: twilio
    account_sid: {account}
    from: "{ours}"
    auth_token: {{file: token}}
    base_url: "{provider}"
monitoring_centre: {{name: Riverside, sms: "+447700900900"}}
alert_topics: {{discovery: homeassistant}}
heartbeat: {{topic: telecared/heartbeat}}
synthetic: {{every: 15m, number: "{number}", within: {within}}}
"""

RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
"""


class Stage:
    """What surrounds a synthetic resident, with an engine that answers as a test says."""

    def __init__(self) -> None:
        self.commands: list[CommandRow] = []
        self.found: list[ConditionFound] = []
        self.pages: list[str] = []
        self.beat = Beat.FINE
        self.registered = True
        self.presses: Callable[[], Awaitable[None]] = self.nothing
        self.silent = False
        self.refuses: list[str] = []
        self.seconds = 0.0
        self.resident = self.make()

    def make(self, within: float = WITHIN, *, can_page: bool = True) -> Synthetic:
        """A resident on this stage."""
        around = Around(
            press=self.press,
            add_command=self.add_command,
            registered=lambda: home_of(NUMBER) if self.registered else None,
            tell=self.tell,
            page=self.page if can_page else None,
            beat=lambda: self.beat,
            now=lambda: 1,
            seconds=self.clock,
        )
        self.resident = Synthetic(around, NUMBER, 0.01, within)
        return self.resident

    def clock(self) -> float:
        """Each look at the clock takes a second."""
        self.seconds += 1
        return self.seconds

    async def nothing(self) -> None:
        """Nothing comes of it."""

    async def press(self, payload: bytes) -> None:
        """Somebody presses."""
        assert payload == b'{"trigger":"pressed"}'
        await self.presses()

    async def add_command(self, command: CommandRow) -> int:
        """Note a command, or refuse it; an import is carried out at once."""
        if command.kind in self.refuses:
            raise StoreError("the disk is full")
        self.commands.append(command)
        if command.kind == "import" and not self.silent:
            self.registered = True
            self.resident.committed(Batch(at=1))
        return len(self.commands)

    async def tell(self, finding: ConditionFound) -> None:
        """Note a finding; a silent engine never answers."""
        if self.silent:
            await asyncio.Event().wait()
        self.found.append(finding)

    async def page(self, text: str) -> None:
        """Note a page."""
        if "page" in self.refuses:
            raise PublishError("nobody is there")
        self.pages.append(text)

    def goes(self, leg: Leg) -> Callable[[], Awaitable[None]]:
        """The alarm goes as far as a leg, and no further."""

        async def press() -> None:
            if leg is not Leg.PUBLISHED:
                self.resident.committed(batch_until(leg))

        return press


def alert(n: int = 1, state: AlertState = AlertState.OPEN) -> AlertRow:
    """An alert of the synthetic home."""
    return AlertRow(
        alert=f"{SYNTHETIC_HOME}/{n}", home=SYNTHETIC_HOME, n=n, rule=RULE,
        priority=Priority.URGENT, state=state, opened_at=1, code="4711",
    )  # fmt: skip


def batch_until(leg: Leg) -> Batch:
    """What became durable of a press that came as far as a leg; others' alerts are among it."""
    legs = list(Leg)[1 : list(Leg).index(leg) + 1]
    batch = Batch(at=1, inputs=[InputRow(id=1, kind="message", at=1, home="larch-12")])
    if Leg.HEARD in legs:
        batch.inputs.append(InputRow(id=2, kind="message", at=1, home=SYNTHETIC_HOME))
    if Leg.OPENED in legs:
        batch.alerts.append(alert())
        one = f"{SYNTHETIC_HOME}/1-1"
        notify = Notify(
            id=one, at=1, alert=1, k=1, priority=Priority.URGENT, to="probe",
            channel=Channel.SMS, number=NUMBER, text="Self-test",
        )  # fmt: skip
        batch.notifications.append(NotifyRow(SYNTHETIC_HOME, notify))
        states = {Leg.SENT: NotificationState.SENT, Leg.DELIVERED: NotificationState.DELIVERED}
        for each in legs:
            if each in states:
                batch.notification_updates.append(
                    NotificationUpdate(id=one, at=1, state=states[each])
                )
    other = NotificationUpdate(id="larch-12/1-1", at=1, state=NotificationState.DELIVERED)
    batch.notification_updates.append(other)
    return batch


async def test_a_round_that_goes_well_measures_each_leg_and_closes_its_alert() -> None:
    """Pressed, heard, opened, sent, delivered: the alert is resolved as a test, all is over."""
    stage = Stage()
    resident = stage.make(LONG)
    stage.presses = stage.goes(Leg.DELIVERED)

    told = await resident.once()

    assert told.failed == ""
    assert set(told.legs) == set(Leg)
    [done] = stage.commands
    assert (done.kind, done.home) == ("resolve", SYNTHETIC_HOME)
    assert b'"outcome":"test"' in done.body
    assert [(one.name, one.over) for one in stage.found] == [(FAILED, True)]
    assert stage.pages == []


@pytest.mark.parametrize(
    ("leg", "why"),
    [
        (Leg.PUBLISHED, "the press did not come back from the broker"),
        (Leg.HEARD, "no alert was opened"),
        (Leg.OPENED, "the provider did not take the message"),
        (Leg.SENT, "no receipt came for the message"),
    ],
)
async def test_a_round_that_stops_somewhere_says_where_and_pages_by_another_way(
    leg: Leg, why: str
) -> None:
    """P8: on record at the site, and directly the first time, since SMS may be what failed."""
    stage = Stage()
    stage.presses = stage.goes(leg)

    told = await stage.resident.once()

    assert told.failed == why
    assert [(one.name, one.over, one.detail) for one in stage.found] == [(FAILED, False, why)]
    assert stage.pages == [f"telecared: the self-test failed: {why}."]
    await stage.resident.once()
    assert len(stage.pages) == 1, "the finding goes on; the direct page is not repeated"


async def test_a_broker_that_takes_nothing_is_told_apart() -> None:
    """The press never left: that is another fault than one that did not come back."""
    stage = Stage()

    async def refused() -> None:
        raise PublishError("hung up")

    stage.presses = refused
    assert (await stage.resident.once()).failed == "the broker did not take the press"


@pytest.mark.parametrize("stuck", [True, False])
async def test_when_the_engine_does_not_turn_every_failure_is_paged_directly(
    stuck: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing comes on record then, so that only the other way is left, each time."""
    monkeypatch.setattr("telecared.synthetic.TOLD_SECONDS", 0.01)
    stage = Stage()
    stage.silent = True
    if stuck:
        stage.beat = Beat.STUCK
    for _ in range(2):
        await stage.resident.once()

    assert len(stage.pages) == 2
    assert stage.found == []


async def test_where_nobody_is_named_to_page_the_record_is_all_there_is() -> None:
    """And a page that fails stops nothing."""
    stage = Stage()
    assert (await stage.make(can_page=False).once()).failed
    assert (len(stage.found), stage.pages) == (1, [])
    stage.make()
    stage.refuses = ["page"]
    await stage.resident.once()
    assert stage.resident.failures == 1


async def test_its_home_is_registered_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after an import that replaced every home; a store that takes nothing is a failure."""
    monkeypatch.setattr("telecared.synthetic.REGISTER_SECONDS", 0.02)
    stage = Stage()
    stage.make(LONG)
    stage.registered = False
    stage.presses = stage.goes(Leg.DELIVERED)
    assert (await stage.resident.once()).failed == ""
    assert [command.kind for command in stage.commands] == ["import", "resolve"]

    stage.registered, stage.refuses = False, ["import"]
    assert "the store takes no commands" in (await stage.resident.once()).failed
    stage.refuses, stage.silent = [], True
    monkeypatch.setattr("telecared.synthetic.TOLD_SECONDS", 0.01)
    assert "the engine takes no commands" in (await stage.resident.once()).failed


async def test_what_an_earlier_process_left_open_is_closed_first() -> None:
    """A test alarm must reach no centre because we were restarted in the middle of it."""
    stage = Stage()
    stage.resident.restored({7: "an alert"})
    stage.refuses = ["resolve"]
    await stage.resident.once()
    stage.refuses = []
    stage.resident.committed(Batch(at=1, alerts=[alert(9, AlertState.RESOLVED)]))
    await stage.resident.once()

    assert [b'"alert":7' in one.body for one in stage.commands] == [True]


async def test_it_goes_round_after_round() -> None:
    """Until it is cancelled."""
    stage = Stage()
    stage.presses = stage.goes(Leg.DELIVERED)
    task = asyncio.create_task(stage.resident.run())
    async with asyncio.timeout(5):
        while len(stage.found) < 3:
            await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_its_press_pages_nobody_but_its_own_number(night: MakeNight) -> None:
    """Rules for people do not hold in its home, and its rule holds in no other."""
    async with night(plan=with_synthetic(plan_of(PENDANT)), homes=(home(), home_of(NUMBER))) as it:
        topic = f"telecare/{SYNTHETIC_HOME}/{SYNTHETIC_HOME}/pendant"
        await it.hears(it.message(topic=topic, trigger="pressed"))
        [opened] = it.alerts()
        assert (opened.home, opened.rule) == (SYNTHETIC_HOME, RULE)
        assert {one.notify.number for one in it.told} == {NUMBER}

        await it.press()
        assert [one.rule for one in it.alerts(home_id="h001")] == ["pendant-pressed"]


@pytest.fixture
def broker(tmp_path: Path) -> MosquittoBroker:
    """A broker of this test's own; not started."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    return MosquittoBroker(tmp_path / "mosquitto", persistence=False)


async def run_daemon(folder: Path, until: Callable[[Shard], bool]) -> Shard:
    """Run a daemon until something holds, and stop it clean."""
    deployment = load_deployment(folder / "telecared.yaml")
    shards: list[Shard] = []
    daemon = Daemon(
        deployment,
        load_plan(deployment),
        clock_from=EngineClock,
        ready=shards.append,
    )
    task = asyncio.create_task(daemon.run())
    try:
        async with asyncio.timeout(40):
            while not (shards and until(shards[0])):
                assert not task.done(), task.exception()
                await asyncio.sleep(0.02)
    finally:
        daemon.stop()
        await asyncio.wait({task}, timeout=10)
        task.cancel()
    await task
    return shards[0]


async def test_the_whole_way_with_real_parts(tmp_path: Path, broker: MosquittoBroker) -> None:
    """Broker, rule, transaction, outbox, provider, receipt: and the alert is closed as a test."""
    (tmp_path / "token").write_text("a-made-up-token")
    (tmp_path / "rules.yaml").write_text(RULES)
    fake = fake_twilio()
    with broker:
        async with running(fake):
            (tmp_path / "telecared.yaml").write_text(
                DEPLOYMENT.format(
                    broker=broker.port, account=ACCOUNT, ours=OUR_NUMBER, provider=fake.base_url,
                    number=NUMBER, within="30s",
                )
            )  # fmt: skip

            def closed(shard: Shard) -> bool:
                state = shard.engine.homes.states.get(SYNTHETIC_HOME)
                return state is not None and state.next_alert > 1 and not state.alerts

            shard = await run_daemon(tmp_path, closed)
            assert fake.messages[0].to == NUMBER
            assert "Self-test" in fake.messages[0].body
            [row] = reader_of(tmp_path)
            assert (row.rule, row.outcome, row.resolved_by) == (
                RULE, Outcome.TEST, "synthetic resident"
            )  # fmt: skip
            at_site = shard.engine.homes.states["@site"].alerts.values()
            assert not any(one.rule == FAILED for one in at_site)

            fake.set_behaviour(NUMBER, Behaviour(state=NotificationState.FAILED, code="30008"))
            text = (tmp_path / "telecared.yaml").read_text()
            (tmp_path / "telecared.yaml").write_text(text.replace("within: 30s", "within: 2s"))
            shard = await run_daemon(
                tmp_path,
                lambda shard: any(
                    one.rule == FAILED for one in shard.engine.homes.states["@site"].alerts.values()
                ),
            )

            (tmp_path / "telecared.yaml").write_text(text[: text.index("synthetic:")])
            shard = await run_daemon(
                tmp_path, lambda one: one.engine.homes.plans[SYNTHETIC_HOME].record is None
            )


def reader_of(folder: Path) -> list[AlertRow]:
    """The alerts in a store."""
    from telecared.adapters.sqlite import SqliteReader
    from telecared.reader_port import AlertFilter

    return SqliteReader(folder / "telecared.db").alerts(AlertFilter(limit=10))
