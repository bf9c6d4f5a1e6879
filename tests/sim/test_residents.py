"""Simulated residents: seeded, in order of time, and silent where their story says so."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding
from telecared.core.streams import StreamMessage, parse_stamp
from telecared.core.vocabulary import DAY, HOUR, MINUTE
from telecared.core.windows import local
from telecared.sim.happenings import APART, STREET_KINDS, Happening, What, happenings_of
from telecared.sim.residents import DEVICES, HEARTBEAT, home_stream, street_stream
from telecared.sim.routine import Resident, acts_of_day
from telecared.sim.street import make_street
from tests.sim.shipping import shipped_profiles

START = parse_stamp("2026-03-02T06:30:00Z")
ADA = Resident(home="larch-12", scheme="northside")


def told(
    happenings: Iterable[Happening] = (), *, days: int = 1, seed: int = 1
) -> list[StreamMessage]:
    """The messages of one home."""
    return list(home_stream(ADA, happenings, start=START, end=START + days * DAY, seed=seed))


def of(messages: Iterable[StreamMessage], device: str, name: str) -> list[tuple[int, object]]:
    """What a device told of a property, with the minutes since the start."""
    found = []
    for message in messages:
        if message.topic.endswith(f"/{device}"):
            payload = msgspec.json.decode(message.payload, type=dict[str, object])
            if name in payload:
                found.append((((message.tst or 0) - START) // MINUTE, payload[name]))
    return found


def test_the_same_seed_gives_the_same_week_and_another_seed_another() -> None:
    """A simulation can be repeated, message for message."""
    assert told(days=7) == told(days=7)
    assert told(days=7) != told(days=7, seed=2)


def test_a_street_speaks_in_order_of_time() -> None:
    """Homes are merged: nobody's message comes before an earlier one of somebody else."""
    residents = [household.resident for household in make_street(20)]
    messages = list(
        street_stream(residents, lambda _: (), start=START, end=START + 6 * HOUR, seed=1)
    )
    times = [message.tst or 0 for message in messages]
    assert times == sorted(times)
    assert times[0] == START
    assert times[-1] < START + 6 * HOUR
    assert len({message.topic for message in messages}) > 20 * len(DEVICES)


def test_every_message_is_understood_by_the_native_profile() -> None:
    """What the simulator says, `decode` reads without a complaint."""
    bindings = [
        DeviceBinding(
            home="larch-12",
            device=device,
            kind=kind,
            profile="native",
            topic=f"telecare/northside/larch-12/{device}",
        )
        for device, (kind, _) in DEVICES.items()
    ]
    directory = Directory(bindings, shipped_profiles())
    happenings = [
        Happening(START + number * 4 * HOUR, "larch-12", what) for number, what in enumerate(What)
    ]
    for message in told(happenings, days=3):
        resolved = directory.resolve(message.topic, message.payload)
        assert resolved.home == "larch-12"
        assert resolved.decoded.error is None
        assert resolved.decoded.readings


def test_counters_of_a_device_rise_by_one() -> None:
    """A gap would be a lost message, and the simulator loses none."""
    counts = [seq for _, seq in of(told(), "hub", "seq")]
    assert counts == list(range(1, len(counts) + 1))


def test_the_stream_begins_with_how_everything_stands() -> None:
    """Whoever starts listening then knows that she sleeps, that the door is closed, and so on."""
    first = [message for message in told() if message.tst == START]
    assert first[0].topic == "telecare/northside/larch-12/hub/link"
    assert (first[0].payload, first[0].retain) == (b"online", True)
    assert of(first, "bed", "occupancy") == [(0, "occupied")]
    assert of(first, "front-door", "contact") == [(0, "closed")]
    assert len(first) == 1 + len(DEVICES)


def test_the_alarm_unit_is_heard_every_quarter_of_an_hour() -> None:
    """Four heartbeats an hour, beside the one at the start."""
    minutes = [minute for minute, _ in of(told(), "hub", "heartbeat")][1:]
    assert {later - earlier for earlier, later in pairwise(minutes)} == {HEARTBEAT // MINUTE}
    assert len(minutes) == 96


def test_a_day_is_lived_in_order_also_when_the_clocks_change() -> None:
    """Up in the morning, in bed at night, by the clock on the wall."""
    for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 24), date(2026, 10, 25)):
        acts = acts_of_day(ADA, day, 1)
        assert [act.at for act in acts] == sorted(act.at for act in acts)
        beds = [act for act in acts if act.device == "bed"]
        up = local(beds[0].at, ZoneInfo("Europe/London"))
        assert beds[0].readings == {"occupancy": "vacant"}
        assert 6 <= up.hour <= 7
        assert beds[-1].readings == {"occupancy": "occupied"}
        tomorrow = acts_of_day(ADA, date.fromordinal(day.toordinal() + 1), 1)
        assert acts[-1].at < tomorrow[0].at


def test_nobody_moves_after_a_fall_that_nobody_saw() -> None:
    """The sensors calm down and then tell nothing for three hours."""
    fall = Happening(START + 20 * MINUTE, "larch-12", What.UNSEEN_FALL)
    messages = told([fall])
    for room in ("bathroom", "kitchen", "living-room", "hall", "bedroom"):
        moved = [at for at, word in of(messages, room, "motion") if word == "detected"]
        assert not [at for at in moved if 20 < at < 190]
    assert of(messages, "bed", "occupancy")[1] == (18, "vacant")
    assert of(messages, "bathroom", "motion")[1:3] == [(20, "detected"), (20, "clear")]


def test_a_silent_alarm_unit_is_heard_again() -> None:
    """Its heartbeat stops for an hour and a half, then goes on as if nothing had been."""
    gone = Happening(START + 60 * MINUTE, "larch-12", What.UNIT_SILENT)
    minutes = [minute for minute, _ in of(told([gone]), "hub", "heartbeat")]
    assert not [minute for minute in minutes if 60 <= minute < 145]
    assert max(later - earlier for earlier, later in pairwise(minutes)) > 85
    assert minutes[-1] > 1400


def test_the_happenings_of_a_home_are_apart() -> None:
    """Nobody falls twice in an hour, however bad the year is."""
    year = list(happenings_of(ADA, start=START, days=365, seed=3, a_day=3.0))
    assert all(later.at - earlier.at >= APART for earlier, later in pairwise(year))
    assert {one.what for one in year} == set(STREET_KINDS)
    assert year == list(happenings_of(ADA, start=START, days=365, seed=3, a_day=3.0))
