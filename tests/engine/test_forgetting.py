"""A running engine knows an erased home no more, and sends nothing that it owed to its people."""

from pathlib import Path

import msgspec

from telecared.adapters.system_clock import EngineClock
from telecared.config.deployment import load_deployment
from telecared.core.events import SITE
from telecared.core.legal_holds import HoldRow
from telecared.core.machinery import technical_key
from telecared.core.plan import Device, HomeRecord
from telecared.core.state import Finding, HomeState, Pending
from telecared.core.storms import Burst, Listed, OutageList, Storms
from telecared.core.vocabulary import DeviceKind
from telecared.forgetting import (
    EraseOrder,
    HoldOrder,
    places_without,
    why_held,
    why_not_erased,
)
from telecared.orders import ImportOrder
from telecared.shard import Shard, open_shard
from telecared.store_port import CommandRow

HOME = "larch-12"
SCHEME = "@scheme/northside"
RECORD = HomeRecord(
    id=HOME,
    scheme="northside",
    timezone="UTC",
    address="12 Larch Close",
    devices=(
        Device(
            id="pendant",
            kind=DeviceKind.PERSONAL_TRIGGER,
            profile="native",
            topic="telecare/northside/larch-12/pendant",
        ),
    ),
)


async def give(shard: Shard, kind: str, home: str | None, body: object) -> None:
    """Hand a command to the engine and let it turn."""
    row = CommandRow(
        id=0,
        kind=kind,
        by="Ann Lee",
        via="cli",
        given_at=shard.clock.now(),
        home=home,
        body=body if isinstance(body, bytes) else msgspec.json.encode(body),
    )
    await shard.store.add_command(row)
    await shard.engine.start(shard.loaded.plan)


async def test_an_engine_that_runs_forgets_the_home_at_once(tmp_path: Path) -> None:
    """Neither state nor plan is left in memory; a later start does not know it either."""
    (tmp_path / "telecared.yaml").write_text("{}\n", encoding="utf-8")
    deployment = load_deployment(tmp_path / "telecared.yaml")
    async with open_shard(deployment, clock_from=EngineClock) as shard:
        await give(shard, "import", None, ImportOrder(homes=(RECORD,)))
        assert HOME in shard.engine.homes.states
        await give(shard, "hold", HOME, HoldOrder(reason="An inquest is open."))
        await give(shard, "erase", HOME, EraseOrder("asked"))
        assert HOME in shard.engine.homes.states, "it is held"
        await give(shard, "hold", HOME, HoldOrder(release=True))
        await give(shard, "hold", HOME, b"[]")
        await give(shard, "erase", HOME, EraseOrder("asked"))
        homes = shard.engine.homes
        assert HOME not in homes.states
        assert HOME not in homes.plans
        assert [record.id for record in homes.records()] == []
    async with open_shard(deployment, clock_from=EngineClock) as shard:
        assert set(shard.engine.homes.states) == {SITE}
    data = b"".join(file.read_bytes() for file in tmp_path.glob("telecared.db*"))
    assert b"12 Larch Close" not in data


def test_what_a_scheme_remembers_of_a_home_goes_with_it() -> None:
    """Findings, what waits, bursts and what people noted; what is about others stays."""
    ours = technical_key("unknown-device", "telecare/northside/larch-12/kettle")
    other = technical_key("unknown-device", "telecare/northside/larch-14/kettle")
    listed = Listed("larch-12", 1, 0, 0, 0, 1, False, outcome="well", by="Ann", note="slept")
    others = Listed("larch-14", 1, 0, 0, 0, 1, False, outcome="well", by="Ann", note="slept")
    outages = OutageList(
        n=1, cause="broker", since=0, opened_at=0, tell_at=0, homes=(listed, others)
    )
    state = HomeState(
        home=SCHEME,
        findings={key: Finding(None, 0, 0) for key in (ours, other)},
        pending={ours: Pending(0, "unknown-device", "x", "", None)},
        bursts={key: Burst(0, 0) for key in (ours, other)},
        storms=Storms(lists=(outages,)),
    )
    states = {SCHEME: state, SITE: HomeState(home=SITE), "larch-14": HomeState(home="larch-14")}

    changed = places_without(states, HOME)

    assert list(changed) == [SCHEME]
    kept = changed[SCHEME]
    assert list(kept.findings) == list(kept.bursts) == [other]
    assert kept.pending == {}
    assert [(one.note, one.by, one.outcome) for one in kept.storms.lists[0].homes] == [
        ("", "", "well"),
        ("slept", "Ann", "well"),
    ]
    assert list(state.findings) == [ours, other], "the state before is left as it was"


def test_why_a_home_cannot_be_erased_is_a_sentence() -> None:
    """The site is no home, an unknown home is none, and a hold of another home holds nothing."""
    states = {HOME: HomeState(home=HOME), SITE: HomeState(home=SITE)}
    hold = HoldRow(HOME, 7, 0, None)

    assert "@site is no home" in str(why_not_erased(SITE, states, None, [], 0))
    assert "there is no home elm-1" in str(why_not_erased("elm-1", states, None, [], 0))
    assert "by command 7" in str(why_not_erased(HOME, states, RECORD, [hold], 0))
    assert why_held("larch-14", [hold], 0) is None
    assert why_not_erased(HOME, states, RECORD, [], 0) is None
