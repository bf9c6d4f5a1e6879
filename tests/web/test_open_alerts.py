"""The queue in memory: brought up to date by the change feed, it is what the store says."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from telecared.adapters.sqlite.backup import restore
from telecared.adapters.sqlite.console_feed import ConsoleFeed
from telecared.core.alert_commands import Acknowledged, HandedOver, Resolved, Snoozed
from telecared.core.policy import Step
from telecared.core.queue import Standing
from telecared.core.vocabulary import MINUTE, Outcome
from telecared.errors import StoreError
from telecared.web import open_alerts
from telecared.web.marks import Mark, parse_mark
from telecared.web.open_alerts import OpenAlerts
from telecared.web.registry import Registry
from tests.engine.night import Night
from tests.engine.scenery import (
    FAMILY,
    NO_MOVEMENT,
    PENDANT,
    SMOKE,
    UNIT_SILENT,
    WATER,
    home,
    plan_of,
)  # fmt: skip

PLAN = plan_of(PENDANT, SMOKE, WATER, NO_MOVEMENT, UNIT_SILENT)
HOMES = tuple(home(number, resident_name=f"Resident {number}") for number in range(1, 5))


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """A night of four homes; nothing of it is checked for soundness, which others do."""
    made = Night(tmp_path, plan=PLAN, homes=HOMES)
    made.sound_in_the_end = False
    return made


def queue_of(night: Night, epoch: str = "a") -> OpenAlerts:
    """The queue of a console that starts now."""
    return OpenAlerts(ConsoleFeed(night.path), Registry(night.path), epoch)


def faces(queue: OpenAlerts) -> dict[str, object]:
    """Alert -> what stands in its row."""
    return {row.face.alert: row.face for row in queue.rows()}


async def test_what_is_followed_is_what_would_be_read_anew(night: Night) -> None:
    """After every act of a busy hour the followed queue equals one that starts at that moment."""
    async with night as it:
        followed = queue_of(it)
        followed.refresh()

        async def acts() -> None:
            await it.press(1)
            check()
            await it.press(2)
            await it.hears(it.message("smoke", 3, smoke="alarm"))
            check()
            await it.orders(Acknowledged(input=0, at=0, alert=1, by="Olu"), "h001")
            await it.hears(it.message("water", 4, water="wet"))
            check()
            await it.passes(minutes=4)
            check()
            give = HandedOver(input=0, at=0, alert=1, by="Sue", to="Sue", take_over=True)
            await it.orders(give, "h001")
            await it.orders(Snoozed(input=0, at=0, alert=1, by="Pat", duration=MINUTE), "h002")
            check()
            await it.passes(minutes=8)
            end = Resolved(input=0, at=0, alert=1, by="Sue", outcome=Outcome.TEST)
            await it.orders(end, "h001")
            check()
            await it.imports(replace(HOMES[1], address="2 Oak Way"))
            for _ in range(open_alerts.REGISTRY_LOOKS):
                followed.refresh()
            check()

        def check() -> None:
            followed.refresh()
            anew = queue_of(it, "b")
            anew.refresh()
            assert faces(followed) == faces(anew)
            assert +followed.tally(None) == +anew.tally(None)

        await acts()
        assert len(faces(followed)) == 3


async def test_a_family_s_alert_says_when_it_reaches_the_centre(night: Night) -> None:
    """Two minutes for the carer and three for the key-holder; at the centre it waits."""
    async with night as it:
        queue = queue_of(it)
        await it.press(1)
        pressed = it.clock.at
        queue.refresh()
        [face] = (row.face for row in queue.rows())

        assert face.standing is Standing.WITH_FAMILY
        assert face.reaches_at == pressed + 5 * MINUTE
        assert (face.resident, face.address) == ("Resident 1", "1 Larch Close")

        await it.passes(minutes=5)
        queue.refresh()
        [face] = (row.face for row in queue.rows())

        assert (face.standing, face.centre_at) == (Standing.AT_CENTRE, pressed + 5 * MINUTE)
        assert face.reaches_at is None
        assert queue.tally(None)["life_safety"] == 1


async def test_news_since_a_mark_are_what_has_changed(night: Night) -> None:
    """A console that was away is told the rows that look new, and which have left."""
    async with night as it:
        queue = queue_of(it)
        await it.press(1)
        await it.press(2)
        mark = queue.refresh()
        await it.press(3)
        end = Resolved(input=0, at=0, alert=1, by="Sue", outcome=Outcome.TEST)
        await it.orders(end, "h001")
        queue.refresh()
        news = queue.news(mark)

        assert [row.face.alert for row in news.rows] == ["h003/1"]
        assert [(one.home, one.n) for one in news.gone] == [("h001", 1)]
        assert not news.whole
        assert queue.news(news.mark).rows == []


async def test_a_mark_of_another_process_is_answered_from_the_record(night: Night) -> None:
    """The console restarts: what has changed since is found by the record's own numbers."""
    async with night as it:
        first = queue_of(it, "a")
        await it.press(1)
        await it.press(2)
        mark = first.refresh()
        await it.press(3)
        end = Resolved(input=0, at=0, alert=1, by="Sue", outcome=Outcome.TEST)
        await it.orders(end, "h002")
        second = queue_of(it, "b")
        second.refresh()
        news = second.news(mark)

        assert [row.face.alert for row in news.rows] == ["h003/1"]
        assert [(one.home, one.n) for one in news.gone] == [("h002", 1)]


async def test_who_is_too_far_behind_is_told_everything(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing known, a mark from the future, one from before what is remembered: the whole list."""
    monkeypatch.setattr(open_alerts, "MAX_GONE", 2)
    async with night as it:
        queue = queue_of(it)
        start = queue.refresh()
        for number in (1, 2, 3):
            await it.press(number)
            queue.refresh()
            end = Resolved(input=0, at=0, alert=1, by="Sue", outcome=Outcome.TEST)
            await it.orders(end, f"h00{number}")
            queue.refresh()
        await it.press(4)
        mark = queue.refresh()

        for since in (None, start, Mark(mark.record, "a", mark.version + 1),
                      Mark(mark.record + 1, "b", 0)):  # fmt: skip
            news = queue.news(since)
            assert news.whole, since
            assert [row.face.alert for row in news.rows] == ["h004/1"]

        monkeypatch.setattr(open_alerts, "MAX_CHANGES", 3)
        assert queue.news(Mark(0, "b", 0)).whole


async def test_what_is_on_no_record_is_found_all_the_same(night: Night) -> None:
    """Every half minute everything is held against the tables; nothing is missing for longer."""
    async with night as it:
        queue = queue_of(it)
        queue.refresh()
        await it.press(1)
        queue._last = 10**9  # as if the feed had been blind
        queue.refresh()
        assert queue.rows() == []

        for _ in range(open_alerts.RECHECK_LOOKS):
            queue.refresh()
        assert list(faces(queue)) == ["h001/1"]


async def test_a_restored_backup_is_read_anew(night: Night, tmp_path: Path) -> None:
    """Another file stands in the place of the store: what it has is shown, not what was."""
    async with night as it:
        await it.press(1)
        queue = queue_of(it)
        queue.refresh()
    (tmp_path / "other").mkdir()
    other = Night(tmp_path / "other", plan=PLAN, homes=HOMES)
    other.sound_in_the_end = False
    async with other as older:
        await older.press(2)
    restore(other.path, night.path)
    for _ in range(open_alerts.REGISTRY_LOOKS):
        queue.refresh()

    assert list(faces(queue)) == ["h002/1"]


def test_a_store_that_cannot_be_read_is_an_error_and_not_an_empty_queue(tmp_path: Path) -> None:
    """No file, no queue."""
    feed = ConsoleFeed(tmp_path / "nothing.db")
    with pytest.raises(StoreError):
        feed.stirred()


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("12-6abc-3", Mark(12, "6abc", 3)),
        ("", None),
        ("12", None),
        ("12-6abc", None),
        ("a-b-c", None),
        ("1-é-2", None),
        ("9" * 90, None),
    ],
)
def test_marks_that_come_from_outside_are_read_with_care(text: str, mark: Mark | None) -> None:
    """A browser may bring back anything."""
    assert parse_mark(text) == mark


async def test_a_policy_of_one_step_is_foreseen(night: Night) -> None:
    """What is foreseen is the policy that the alert opened with."""
    policy = replace(FAMILY, steps=(Step(notify=("carer",), wait=MINUTE), FAMILY.steps[-1]))
    night.plan = replace(PLAN, policies=(policy, *PLAN.policies[1:]))
    async with night as it:
        queue = queue_of(it)
        await it.press(1)
        queue.refresh()
        [row] = queue.rows()
        assert row.face.reaches_at == row.face.opened_at + MINUTE
