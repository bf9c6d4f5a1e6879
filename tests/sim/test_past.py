"""A home as it stood, worked out from a real store; and its inputs played under other rules."""

import asyncio
from pathlib import Path
from time import perf_counter

import pytest
from msgspec.structs import replace

from telecared.config.load import LoadedPlan
from telecared.config.profiles import load_profiles
from telecared.config.shipped import devices_folder
from telecared.core.alert_commands import Resolved
from telecared.core.events import Suspended
from telecared.core.explain import explain
from telecared.core.plan import Absence, Plan
from telecared.core.standings import Standing
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Outcome, SuspensionKind
from telecared.errors import ReplayError
from telecared.sim.past import Past, home_at, home_in_recording, homes_at, zone_of
from telecared.sim.replay import merged
from telecared.sim.stored import replay_past, stored_past
from tests.engine.night import Night
from tests.engine.scenery import DOOR_OPEN, NO_MOVEMENT, PENDANT, home, instant, plan_of

PLAN = plan_of(PENDANT, DOOR_OPEN, NO_MOVEMENT)
BEGAN = instant("2026-03-01T08:00:00Z")


def loaded(plan: Plan) -> LoadedPlan:
    """A plan with the profiles that ship."""
    return LoadedPlan(
        plan=plan, profiles=load_profiles([devices_folder()]), warnings=(), sources={}
    )


async def live_two_days(night: Night) -> None:
    """A door is left open for a while, somebody moves every three hours, for two days."""
    await night.moves()
    await night.hears(night.message("door", contact="open"))
    await night.passes(minutes=10)
    await night.hears(night.message("door", contact="closed"))
    for _ in range(16):
        await night.passes(hours=3)
        await night.moves()


def standing(past: Past, rule: str) -> tuple[Standing, int | None]:
    """How a rule stood."""
    (one,) = explain(past.home, past.state, past.site, rule=rule).rules
    return one.standing, one.due


async def test_a_home_is_shown_before_at_and_after_a_deadline(tmp_path: Path) -> None:
    """Each instant shows what was known then and nothing that came later."""
    async with Night(tmp_path, plan=PLAN) as night:
        await live_two_days(night)

    def then(offset: int) -> tuple[Standing, int | None]:
        past = home_at(night.path, "h001", BEGAN + offset)
        assert past.state.at == BEGAN + offset
        return standing(past, "door-open")

    assert then(2 * MINUTE) == (Standing.WAITING, BEGAN + 5 * MINUTE)
    assert then(5 * MINUTE - 1) == (Standing.WAITING, BEGAN + 5 * MINUTE)
    assert then(5 * MINUTE) == (Standing.OPEN, None)
    assert then(9 * MINUTE) == (Standing.OPEN, None)
    assert then(11 * MINUTE) == (Standing.NOT_MET, None)
    # Behind a snapshot, where only a day has to be decided once more.
    late = home_at(night.path, "h001", BEGAN + 40 * HOUR)
    assert standing(late, "no-movement")[0] is Standing.WAITING
    last = home_at(night.path, "h001")
    assert last.state.at == home_at(night.path, "h001", last.state.at + DAY).state.at


async def test_what_cannot_be_shown_is_a_sentence(tmp_path: Path) -> None:
    """A home that was never there, or not yet; and inputs that retention has dropped."""
    async with Night(tmp_path, plan=PLAN) as night:
        await night.moves()

    with pytest.raises(ReplayError, match="there is no home oak-1 at"):
        home_at(night.path, "oak-1")
    with pytest.raises(ReplayError, match="no home oak-1 in the store"):
        zone_of(night.path, "oak-1")
    with pytest.raises(ReplayError, match="that it was registered then"):
        home_at(night.path, "h001", BEGAN - DAY)
    assert zone_of(night.path, "h001").key == "Europe/London"
    assert homes_at(night.path, ["oak-1", "h001"], BEGAN + HOUR).keys() == {"h001"}


async def test_an_outage_shows_that_silence_was_not_judged(tmp_path: Path) -> None:
    """In the middle of it, and not after it."""
    async with Night(tmp_path, plan=PLAN) as night:
        await night.moves()
        await night.passes(hours=1)
        await night.disconnects()
        await night.passes(hours=1)
        await night.connects()
        await night.passes(minutes=1)

    during = home_at(night.path, "h001", BEGAN + 90 * MINUTE)
    after = home_at(night.path, "h001", BEGAN + 2 * HOUR + 30 * SECOND)
    assert standing(during, "no-movement")[0] is Standing.NOT_JUDGED
    assert standing(after, "no-movement") == (Standing.WAITING, BEGAN + 4 * HOUR)


async def test_one_home_among_many_is_shown_at_once(tmp_path: Path) -> None:
    """200 homes and 20,000 inputs: only the one home's are read."""
    homes = tuple(home(number) for number in range(1, 201))
    async with Night(tmp_path, plan=PLAN, homes=homes) as night:
        for _ in range(50):
            for first in range(1, 201, 50):
                for number in range(first, first + 50):
                    night.engine.arrived(
                        [night.message("pir", number, motion=one) for one in ("detected", "clear")]
                    )
                await night.settle()
            await asyncio.sleep(0)
            await night.passes(minutes=2)
        night.sound_in_the_end = False

    began = perf_counter()
    past = home_at(night.path, "h117", BEGAN + HOUR)

    assert perf_counter() - began < 3, "far more than one home was read"
    assert standing(past, "no-movement")[0] is Standing.WAITING


# --- recordings -----------------------------------------------------------------------------------


def test_a_recording_shows_a_home_at_an_instant_of_it() -> None:
    """In the middle, at its end, and a sentence where it tells no time."""
    lines = [
        f'{{"tst":"2026-03-01T{clock}Z","topic":"telecare/north/h001/door","payload":'
        f'{{"contact":"{word}"}}}}'
        for clock, word in (("08:00:00", "open"), ("08:20:00", "closed"))
    ]

    def shown(at: int | None, told: list[str] = lines) -> Past:
        return home_in_recording(
            merged({"a": told}), "h001", loaded=loaded(PLAN), homes=[home()], at=lambda _: at
        )

    assert standing(shown(BEGAN + 4 * MINUTE), "door-open")[0] is Standing.WAITING
    assert shown(BEGAN + 4 * MINUTE).state.at == BEGAN + 4 * MINUTE
    assert standing(shown(BEGAN + 6 * MINUTE), "door-open")[0] is Standing.OPEN
    assert standing(shown(None), "door-open")[0] is Standing.NOT_MET
    assert shown(BEGAN + DAY).state.at == BEGAN + DAY
    with pytest.raises(ReplayError, match="holds no message"):
        shown(None, [])
    with pytest.raises(ReplayError, match="has no tst"):
        shown(None, ['{"topic": "a"}', lines[0]])


def test_recordings_are_merged_by_time() -> None:
    """A message without a time stays with the one before it; a slip names its recording."""

    def line(clock: str | None, topic: str) -> str:
        tst = f'"tst":"2026-03-01T{clock}Z",' if clock else ""
        return f'{{{tst}"topic":"{topic}"}}'

    def topics(*streams: list[str]) -> str:
        named = {f"s{number}": stream for number, stream in enumerate(streams)}
        return "".join(message.topic for message in merged(named))

    one = [line("08:00:00", "a"), line(None, "b"), line("08:10:00", "c")]
    other = [line("08:00:00", "d"), line("08:05:00", "e"), line("08:01:00", "f")]

    assert topics(one) == "abc"
    assert topics(one, other) == "abdefc"
    assert topics(other, one) == "dabefc"
    assert list(merged({"a": [], "b": []})) == list[StreamMessage]()
    with pytest.raises(ReplayError, match=r"^s1: line 2: the line is not a JSON object"):
        topics(one, [other[0], "nonsense"])


# --- stored inputs under other rules --------------------------------------------------------------


async def test_stored_inputs_are_played_under_other_rules(tmp_path: Path) -> None:
    """Suspensions as they were stated; what people did about alerts is not played."""
    away = replace(NO_MOVEMENT, unless=(Absence.AWAY,))
    async with Night(tmp_path, plan=plan_of(PENDANT), homes=(home(1), home(2))) as night:
        await night.moves()
        await night.press()
        await night.orders(Resolved(input=0, at=0, alert=1, by="Olu", outcome=Outcome.TEST))
        until = night.clock.at + 30 * HOUR
        hospital = Suspended(input=0, at=0, by="Ann", kind=SuspensionKind.HOSPITAL, until=until)
        await night.orders(hospital)
        await night.moves(2)
        await night.passes(hours=20)
        await night.hears(night.message("door", 2, contact="open"))
        await night.passes(minutes=10)
        await night.hears(night.message("unit", heartbeat="seen"))

    def opened(home: str | None, hours: int | None, rules: Plan) -> list[tuple[str, str]]:
        lasts = None if hours is None else hours * HOUR
        past = stored_past(night.path, home=home, lasts=lasts)
        seen: list[int] = []
        lines = list(replay_past(past, loaded=loaded(rules), phones={}, progress=seen.append))
        assert lines == list(replay_past(past, loaded=loaded(rules), phones={}))
        assert seen == sorted(seen)
        return [(one.at[11:16], f"{one.alert} {one.rule}") for one in lines
                if one.event == "alert.opened" and one.home != "@site"]  # fmt: skip

    rules = plan_of(PENDANT, DOOR_OPEN, away)
    assert opened("h001", None, rules) == [("08:00", "h001/1 pendant-pressed")]
    assert opened("h002", None, rules) == [
        ("12:00", "h002/1 no-movement"), ("04:05", "h002/2 door-open"),
    ]  # fmt: skip
    # Beginning in the middle, the suspension and the last movement are known from before.
    assert opened(None, 10, rules) == [
        ("18:10", "h002/1 no-movement"), ("04:05", "h002/2 door-open"),
    ]  # fmt: skip
    assert opened("h001", 10, plan_of(NO_MOVEMENT)) == [("18:10", "h001/1 no-movement")]


async def test_what_cannot_be_played_is_a_sentence(tmp_path: Path) -> None:
    """No such home, or no home at all."""
    async with Night(tmp_path, plan=PLAN) as night:
        await night.moves()

    with pytest.raises(ReplayError, match="there is no home oak-1 in the store"):
        stored_past(night.path, home="oak-1", lasts=None)
