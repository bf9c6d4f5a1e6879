"""What people reply and command, and what they hear (decisions 9 and 10)."""

import pytest

from telecared.core.alert_commands import Acknowledged, Declined, Resolved, Snoozed
from telecared.core.events import encode_event
from telecared.core.vocabulary import MINUTE, AlertState, NotificationState, Outcome, Priority
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import BEN, CARA, CENTRE, PENDANT, STRANGER, WATER, home, plan_of

PLAN = plan_of(PENDANT, WATER)


def code_of(night: Night, rule: str = "pendant-pressed") -> str:
    """The reply code of the one alert of a rule."""
    return night.alert(rule).code


@pytest.mark.parametrize("words", ["{code}", "ACK {code}", "YES {code}", "yes, {code}!", "ack"])
async def test_a_reply_takes_the_alert(night: MakeNight, words: str) -> None:
    """Decision 9: the code alone, with a word, or a bare ACK where only one alert is open."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.texts(BEN, words.format(code=code_of(it)))

        alert = it.alert("pendant-pressed")
        assert (alert.state, alert.owner) == (AlertState.ACKNOWLEDGED, "Ben Hall")
        assert it.texts_to(BEN)[-1].startswith("Thank you.")


async def test_a_no_tells_the_next_at_once(night: MakeNight) -> None:
    """Decision 9: NO and the code declines; the step goes on without waiting."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.texts(BEN, f"NO {code_of(it)}")

        assert it.alert("pendant-pressed").state is AlertState.OPEN
        assert len(it.texts_to(CARA)) == 1


async def test_a_bare_ack_with_two_open_alerts_asks_which(night: MakeNight) -> None:
    """Decision 9: guessing could take the wrong one, so both codes are named."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.hears(it.message("water", water="wet"))
        await it.texts(BEN, "ACK")

        assert {row.state for row in it.alerts()} == {AlertState.OPEN}
        asked = it.texts_to(BEN)[-1]
        assert asked.startswith("Which one?")
        assert code_of(it) in asked
        assert code_of(it, "flood") in asked


async def test_two_alerts_that_share_a_code_are_asked_back(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 9: a clash of codes among one number's alerts is not guessed at."""
    monkeypatch.setattr("telecared.core.messages.reply_code", lambda alert: "4711")
    async with night(plan=PLAN) as it:
        await it.press()
        await it.hears(it.message("water", water="wet"))
        await it.texts(BEN, "4711")

        assert {row.state for row in it.alerts()} == {AlertState.OPEN}
        assert it.texts_to(BEN)[-1].startswith("4711 stands for more than one alert")


async def test_a_stranger_hears_what_the_number_is_for(night: MakeNight) -> None:
    """Decision 9: an unknown number changes nothing, and is answered."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.texts(STRANGER, code_of(it))

        assert it.alert("pendant-pressed").state is AlertState.OPEN
        [answer] = it.texts_to(STRANGER)
        assert "999" in answer


async def test_only_who_was_told_may_take_it(night: MakeNight) -> None:
    """Decision 9: the code is matched among alerts sent to that number."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.texts(CARA, code_of(it))

        assert it.alert("pendant-pressed").state is AlertState.OPEN


async def test_who_comes_second_hears_who_has_it(night: MakeNight) -> None:
    """Decision 10: the core checks again; the second carer is told that Ben already has it."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.passes(minutes=2)
        await it.texts(BEN, code_of(it))
        await it.texts(CARA, code_of(it))

        assert it.alert("pendant-pressed").owner == "Ben Hall"
        assert len(it.texts_to(CARA)) == 3  # the page, that Ben is going, and help


async def test_stop_and_start_change_whether_a_contact_can_be_told(night: MakeNight) -> None:
    """Decision 9: STOP is a fact about a number, in every home that has it; START ends it."""
    homes = (home(1), home(2))
    async with night(plan=PLAN, homes=homes) as it:
        await it.texts(BEN, "STOP")
        unreachable = it.alerts("contact-unreachable")
        assert sorted(row.home for row in unreachable) == ["h001", "h002"]

        await it.press(2)
        assert it.texts_to(BEN) == []
        assert len(it.texts_to(CARA)) == 1

        await it.texts(BEN, "START")
        assert {row.state for row in it.alerts("contact-unreachable")} == {AlertState.RESOLVED}
        await it.press(1)
        assert len(it.texts_to(BEN)) == 1


async def test_the_same_sms_by_two_ways_acts_once(night: MakeNight) -> None:
    """Decision 9: webhook and polling bring the same message, at once and after a restart."""
    async with night(plan=PLAN) as it:
        await it.texts(STRANGER, "hello", sms="SM1")
        await it.texts(STRANGER, "hello", sms="SM1")
        await it.restarts()
        await it.texts(STRANGER, "hello", sms="SM1")

        assert len(it.inputs("sms")) == 1
        assert len(it.texts_to(STRANGER)) == 1


async def test_commands_from_another_process_are_carried_out(night: MakeNight) -> None:
    """Decision 10: done or refused with a sentence, for each thing a person can do."""
    async with night(plan=PLAN) as it:
        await it.press()
        ack = await it.orders(Acknowledged(input=0, at=0, alert=1, by="Olu"))
        other = await it.orders(Acknowledged(input=0, at=0, alert=1, by="Pat"))
        snooze = await it.orders(Snoozed(input=0, at=0, alert=1, by="Olu", duration=5 * MINUTE))
        decline = await it.orders(Declined(input=0, at=0, alert=1, by="Ben Hall", contact="ben"))
        ended = await it.orders(
            Resolved(input=0, at=0, alert=1, by="Olu", outcome=Outcome.FALSE_ACTIVATION)
        )
        again = await it.orders(
            Resolved(input=0, at=0, alert=1, by="Olu", outcome=Outcome.FALSE_ACTIVATION)
        )

        assert [one.state for one in (ack, other, snooze, decline, ended, again)] == [
            "done", "refused", "done", "done", "done", "refused",
        ]  # fmt: skip
        assert other.reason.startswith("Olu already has it since ")
        assert again.reason == "h001/1 is already resolved"
        assert it.ledger().closed_by_person == 1


async def test_commands_that_mean_nothing_are_refused_with_a_reason(night: MakeNight) -> None:
    """Decision 10: no such alert, no such home, no home at all."""
    async with night(plan=PLAN) as it:
        event = Acknowledged(input=0, at=0, alert=9, by="Olu")
        alert = await it.orders(event)
        elsewhere = await it.orders(event, "h404")
        scheme = await it.orders(event, "@scheme/nowhere")
        nowhere = await it.command("ack", None, b"{}")

        assert [one.state for one in (alert, elsewhere, scheme, nowhere)] == ["refused"] * 4
        assert "there is no alert h001/9" in alert.reason
        assert "there is no home h404" in elsewhere.reason
        assert "there is no home" in scheme.reason
        assert nowhere.reason == "it names no home"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[1, 2]",
        b"not json",
        b'{"type": "Acknowledged"}',
        b'{"type": "ConditionFound", "input": 0, "at": 0, "name": "no-such-finding"}',
        b'{"type": "Acknowledged", "input": 0, "at": 0, "alert": 118059162071741130342, "by": "x"}',
        b'{"type": "MessageHeard", "input": 0, "at": 0, "device": "pendant", "readings": []}',
    ],
)
async def test_a_garbled_command_is_set_aside_and_said(night: MakeNight, body: bytes) -> None:
    """Decision 13: it is refused, and nothing else in the home is disturbed."""
    async with night(plan=PLAN) as it:
        refused = await it.command("ack", "h001", body)
        imported = await it.command("import", None, body)
        await it.press()

        assert refused.state == "refused"
        assert imported.state == "refused"
        assert it.alert("pendant-pressed").state is AlertState.OPEN


async def test_commands_that_waited_are_carried_out_at_the_start(night: MakeNight) -> None:
    """Decision 10: `run` drains them before it subscribes, also more than fit one transaction."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.engine.finish()
        await it.store.close()
        event = Acknowledged(input=0, at=0, alert=1, by="Olu")
        numbers = [it.hand_in("import", None, b"garbage") for _ in range(600)]
        numbers.append(it.hand_in("ack", "h001", encode_event(event)))
        await it._start()

        assert it.result(numbers[0]).state == "refused"
        assert it.result(numbers[-1]).state == "done"
        assert it.engine.homes.states["h001"].alerts[1].state is AlertState.ACKNOWLEDGED


async def test_receipts_late_and_repeated_do_no_harm(night: MakeNight) -> None:
    """P5: disordered reports change nothing; a failure moves on at once."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        page = it.open_notification("ben")
        await it.reports(page, NotificationState.DELIVERED)
        await it.reports(page, NotificationState.SENT)
        await it.reports(page, NotificationState.SENT)
        await it.reports("h404/1-1", NotificationState.DELIVERED)
        await it.reports("nonsense", NotificationState.FAILED)
        assert it.texts_to(CARA) == []

        await it.passes(minutes=2)
        await it.reports(it.open_notification("cara"), NotificationState.UNDELIVERED, "30003")

        assert len(it.texts_to(CENTRE)) == 1
        states = [one.record.event for one in it.records(home_id="h001")]
        assert states.count("notification.delivered") == 1


async def test_a_number_that_opted_out_is_told_to_people(night: MakeNight) -> None:
    """P5: the provider's refusal after a STOP is an alert, and the next is told at once."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        await it.reports(
            it.open_notification("ben"), NotificationState.FAILED, "21610", number_refused=True
        )

        assert it.alert("contact-unreachable").priority is Priority.TECHNICAL
        assert len(it.texts_to(CARA)) == 1


async def test_reports_on_pages_that_were_forgotten_for_newer_ones_do_no_harm(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P5: an alert that nobody answers for hours forgets old pages; reports on them still come."""
    monkeypatch.setattr("telecared.core.telling.MAX_TOLD", 4)
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        await it.passes(minutes=40)
        pages = [one.notify.id for one in it.told if one.notify.number == CENTRE]
        assert len(pages) > 6
        await it.reports(pages[0], NotificationState.SENT)
        await it.reports(pages[1], NotificationState.UNDELIVERED, "30003")

        assert pages[0] not in [row.id for row in await it.store.outbox()]


async def test_a_late_result_does_not_undo_what_was_given_up(night: MakeNight) -> None:
    """P5: sent after the receipt was given up is on record as given up, until it is delivered."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        page = it.open_notification("ben")
        await it.passes(seconds=61)
        assert len(it.texts_to(CARA)) == 1
        await it.reports(page, NotificationState.SENT)
        it.assert_sound()
        await it.reports(page, NotificationState.DELIVERED)

        last = [row.record.event for row in it.records(home_id="h001") if row.record.to == "ben"]
        assert last[-1] == "notification.delivered"
