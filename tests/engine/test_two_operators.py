"""Two people act on one alert at the same time: the first wins, and the second hears who has it."""

import sqlite3

from msgspec.structs import replace

from telecared.core.alert_commands import (
    Acknowledged,
    EscalatedNow,
    HandedOver,
    Resolved,
    Snoozed,
    Updated,
)
from telecared.core.policy import Contact, Step
from telecared.core.vocabulary import MINUTE, AlertState, Channel, Outcome, Progress
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import BEN, CARA, FAMILY, PENDANT, home, plan_of

PLAN = plan_of(PENDANT)
ONE = Acknowledged(input=0, at=0, alert=1, by="Olu")
OTHER = Acknowledged(input=0, at=0, alert=1, by="Pat")


def replied(night: Night) -> list[tuple[str, str]]:
    """(notification, stage) of what people answered, as it is kept."""
    with sqlite3.connect(f"file:{night.path}?mode=ro", uri=True) as connection:
        return connection.execute(
            "SELECT n.id, e.stage FROM notification_evidence e"
            " JOIN notifications n ON n.seq = e.notification"
            " WHERE e.stage IN ('replied', 'key_pressed') ORDER BY e.id"
        ).fetchall()


async def test_two_operators_take_it_and_the_second_hears_who_has_it(night: MakeNight) -> None:
    """Both hands are on the key; one row of commands is before the other."""
    async with night(plan=PLAN) as it:
        await it.press()
        first, second = await it.orders(ONE), await it.orders(OTHER)
        again = await it.orders(ONE)

        assert [one.state for one in (first, second, again)] == ["done", "refused", "done"]
        assert second.reason.startswith("Olu already has it since ")
        assert it.alert("pendant-pressed").owner == "Olu"


async def test_an_operator_and_a_carer_answer_at_once(night: MakeNight) -> None:
    """The carer hears that the centre has it, and does not go for nothing."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.orders(ONE)
        await it.texts(BEN, it.alert("pendant-pressed").code)

        assert it.alert("pendant-pressed").owner == "Olu"
        assert it.texts_to(BEN)[-1].startswith("Olu already has it")


async def test_a_hand_over_and_a_resolve_race(night: MakeNight) -> None:
    """Whoever comes second is refused with what has happened; the ledger balances."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.orders(ONE)
        give = HandedOver(input=0, at=0, alert=1, by="Olu", to="Pat")
        steal = HandedOver(input=0, at=0, alert=1, by="Sue", to="Sue", take_over=True)
        handed, late = await it.orders(give), await it.orders(replace(give, to="Sue"))
        taken = await it.orders(steal)
        snoozed = await it.orders(Snoozed(input=0, at=0, alert=1, by="Pat", duration=5 * MINUTE))
        end = Resolved(input=0, at=0, alert=1, by="Pat", outcome=Outcome.ASSISTANCE_GIVEN)
        ended, twice = await it.orders(end), await it.orders(end)

        assert [one.state for one in (handed, late, taken, snoozed, ended, twice)] == [
            "done", "refused", "done", "refused", "done", "refused",
        ]  # fmt: skip
        assert late.reason.startswith("Pat has it since 08:00: only they hand it over")
        assert snoozed.reason.startswith("Sue already has it since ")
        assert twice.reason == "h001/1 is already resolved"
        assert it.ledger().balances


async def test_help_is_asked_for_while_somebody_else_updates(night: MakeNight) -> None:
    """Both are carried out, in the order in which they came."""
    async with night(plan=PLAN) as it:
        await it.press()
        await it.orders(ONE)
        more = await it.orders(EscalatedNow(input=0, at=0, alert=1, by="Pat"))
        update = await it.orders(
            Updated(input=0, at=0, alert=1, by="Olu", progress=Progress.ON_THE_WAY, minutes=5)
        )

        assert (more.state, update.state) == ("done", "refused")
        assert it.alert("pendant-pressed").state is AlertState.OPEN
        assert len(it.texts_to(CARA)) == 1
        assert it.ledger().balances


async def test_a_reply_is_kept_as_a_moment_of_the_page_it_answers(night: MakeNight) -> None:
    """What was answered, and what could not be understood, belongs to the newest page."""
    async with night(plan=PLAN) as it:
        await it.press()
        code = it.alert("pendant-pressed").code
        await it.texts(BEN, "what is this about?")
        await it.texts(BEN, f"{code} 10")
        await it.texts(BEN, f"HERE {code}")
        await it.texts(BEN, f"HELPED {code}")

        assert replied(it) == [("h001/1-1", "replied")] * 4
        row = it.alert("pendant-pressed")
        assert (row.state, row.outcome, row.resolved_by) == (
            AlertState.RESOLVED, Outcome.ASSISTANCE_GIVEN, "Ben Hall",
        )  # fmt: skip


async def test_somebody_who_works_for_many_homes_replies_by_their_name(night: MakeNight) -> None:
    """On a rota or as a supervisor: their word counts as any other's; STOP reaches where told."""
    sue = Contact(id="sue", name="Sue Webb", phone="+447700900321", roles=("responder",))
    policy = replace(FAMILY, steps=(Step(notify=("sue",)), FAMILY.steps[-1]))
    plan = replace(PLAN, people=(sue,), policies=(policy,))
    async with night(plan=plan, homes=(home(1), home(2))) as it:
        await it.press(1)
        await it.texts(sue.phone, it.alert("pendant-pressed").code)
        assert it.alert("pendant-pressed").owner == "Sue Webb"
        await it.texts(sue.phone, "STOP")
        assert [row.home for row in it.alerts("contact-unreachable")] == ["h001"]
        await it.texts(sue.phone, f"HELPED {it.alert('pendant-pressed').code}")
        await it.texts(sue.phone, "STOP")
        assert len(it.alerts("contact-unreachable")) == 2


async def test_the_resident_is_told_and_cannot_take_their_own_alarm(night: MakeNight) -> None:
    """Whoever lies on the floor is nobody who goes."""
    ada = "+447700900777"
    record = replace(home(1), resident_phone=ada, resident_tell=Channel.SMS)
    async with night(plan=PLAN, homes=(record,)) as it:
        await it.press()
        await it.texts(BEN, it.alert("pendant-pressed").code)
        assert it.texts_to(ada) == ["Help is coming: Ben Hall is on the way to you."]
        await it.texts(ada, f"NO {it.alert('pendant-pressed').code}")
        assert it.alert("pendant-pressed").owner == "Ben Hall"
        assert it.texts_to(ada)[-1].startswith("This number sends telecare alerts only")


async def test_help_comes_in_the_language_of_whoever_replies(night: MakeNight) -> None:
    """By what they were told, else as they are registered; a stranger in the site's own."""
    record = home(1)
    polish = tuple(
        replace(one, language="pl") if one.phone == BEN else one for one in record.contacts
    )
    async with night(plan=PLAN, homes=(replace(record, contacts=polish),)) as it:
        await it.texts(BEN, "halo?")
        assert it.texts_to(BEN)[-1].startswith("Nic teraz na Ciebie nie czeka.")
        await it.press()
        code = it.alert("pendant-pressed").code
        await it.texts(BEN, "halo?")
        assert it.texts_to(BEN)[-1].startswith(f"Nie rozumiem. Odpisz {code}, jesli idziesz")
        await it.orders(ONE)
        await it.texts(BEN, f"TAK {code}")
        assert it.texts_to(BEN)[-1] == "Olu juz to ma. W naglym wypadku dzwon 112."
        await it.texts("+447700900666", "hello")
        assert it.texts_to("+447700900666")[-1].startswith("This number sends telecare alerts")
