"""Times and names of what is over are those of then: rotas and clocks have gone on since."""

from types import SimpleNamespace
from typing import cast

import msgspec

from telecared.core.compile import HomePlan
from telecared.core.plan import HomeRecord
from telecared.core.policy import Contact, Step
from telecared.core.rota import Layer, Rota
from telecared.core.site import ALWAYS_ON
from telecared.core.state import HomeState
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import HOUR
from telecared.core.work import Work
from telecared.web.pages import _Clock
from telecared.web.views.alert import _span
from telecared.web.views.alert_facts import AlertFacts
from telecared.web.views.alert_ladder import Turn, _names
from telecared.web.visit import Visit
from tests.web.town import town

PEOPLE = (
    Contact(id="ann", name="Ann Lee", phone="+447700900160"),
    Contact(id="tom", name="Tom Fox", phone="+447700900161"),
)
LAYER = Layer(people=("ann", "tom"), turn="daily", handover=(0, 9 * 60), start="2026-05-04")
NIGHT = Rota(name="night", timezone="UTC", layers=(LAYER,))
STEP = Step(notify=("night",))


def test_a_step_names_who_was_on_duty_when_it_was_told() -> None:
    """Next day the rota means somebody else, who heard nothing of it."""
    plan = msgspec.structs.replace(town()[0].plan, people=PEOPLE, rotas=(NIGHT,))
    home = HomePlan(plan, "larch-12", HomeRecord(id="larch-12", scheme="n", timezone="UTC"))
    state = HomeState(home="larch-12")
    work = Work(state, home, ALWAYS_ON)
    work.at = parse_stamp("2026-05-06T10:00:00Z")
    facts = cast("AlertFacts", SimpleNamespace(work=work, plan=home, site=ALWAYS_ON, state=state))
    told = [Turn(parse_stamp("2026-05-06T03:00:00Z"), "", ())]

    assert _names(facts, STEP, told, when=told[-1].at) == ("Tom Fox",)
    assert _names(facts, STEP, told, when=None) == ("Ann Lee",)


def test_what_was_before_a_step_of_the_clock_is_told_as_clocks_showed_it() -> None:
    """The machine's clock was an hour behind until it was put right."""
    set_at = parse_stamp("2026-05-06T03:00:00Z")
    site = msgspec.structs.replace(ALWAYS_ON, clock=((set_at, HOUR),))
    sight = SimpleNamespace(site=site, plan=SimpleNamespace(site_timezone="UTC"))
    clock = _Clock(cast("Visit", SimpleNamespace(sight=sight)))

    assert clock(set_at - 1, form="%H:%M") == "02:59"
    assert clock(set_at, form="%H:%M") == "04:00"


def test_of_an_alert_that_lasts_for_days_the_last_hours_are_shown() -> None:
    """Who takes it now wants to know what happens now; the day of its opening is a link."""
    opened = parse_stamp("2026-05-06T03:00:00Z")

    def span(after: int, ended: int | None = None) -> tuple[int, int]:
        row = SimpleNamespace(
            opened_at=opened, resolved_at=None if ended is None else opened + ended * HOUR
        )
        facts = cast("AlertFacts", SimpleNamespace(row=row, now=opened + after * HOUR))
        since, until = _span(facts)
        return (since - opened) // HOUR, (until - opened) // HOUR

    assert span(0) == (-6, 0)
    assert span(2) == (-6, 2)
    assert span(48) == (24, 48)
    assert span(-1) == (-6, 0)
    assert span(48, ended=2) == (-6, 3)
    assert span(48, ended=40) == (-6, 18)
