"""The page of one alert, what may be done there, and how to get in, shown only by a logged reveal.

An act is done when the engine says so, never before. What an act comes to is `acts`; what the page
is made of, `alert_why`, `alert_people`, `alert_ladder`, `alert_forms`.
"""

from typing import Final, NamedTuple

from markupsafe import Markup
from starlette.responses import Response

from telecared.adapters.sqlite import console_alert
from telecared.core.effects import Record
from telecared.core.operators import Act
from telecared.core.queue import Ages, Standing, ages_of, standing_of
from telecared.core.vocabulary import HOUR, AlertState, Duration, Instant
from telecared.web.acts import ACTS, perform
from telecared.web.errors import BadForm, NotThere
from telecared.web.home_past import timeline_of
from telecared.web.routes import Entry
from telecared.web.timeline_svg import draw
from telecared.web.timeline_table import Rows, rows_of
from telecared.web.views.alert_facts import AlertFacts
from telecared.web.views.alert_forms import Tried, forms_of, questions_of
from telecared.web.views.alert_ladder import ladder_of
from telecared.web.views.alert_people import left_out, people_of
from telecared.web.views.alert_sent import command_of, fields_of, overtaken, seen_now
from telecared.web.views.alert_why import sentence_of, why_of
from telecared.web.visit import Visit

READS: Final = "an alert, its home and its people"
READS_ACCESS: Final = "how to get in: the key safe and its code"

BEFORE: Final[Duration] = 6 * HOUR
"""How much of what happened in the home before an alert is shown."""

AFTER: Final[Duration] = 18 * HOUR
"""And how much after it opened, at most: a day is still legible on one line."""

AFTER_THE_END: Final[Duration] = HOUR

CONFLICT: Final = 409
INVALID: Final = 400

_NOT_IN_LOG: Final = "notification."
"""Lines of messages are told step by step, with their evidence."""


class Past(NamedTuple):
    """What happened in the home around an alert: drawn, and as rows; the local day it opened."""

    svg: Markup
    rows: Rows
    opened_on: str


def page(visit: Visit) -> Response:
    """Show an alert, and what became of a command that the engine had not carried out yet."""
    facts = _facts(visit)
    return _shown(visit, facts, command_of(facts))


def act(visit: Visit) -> Response:
    """Do something to an alert, and show it again: as done only by the engine's answer."""
    name = str(visit.path["act"])
    facts = _facts(visit)  # 404 before anything is asked of the form
    if said := overtaken(facts, name, visit.form):
        return _again(visit, facts, Tried(name, visit.form, {}, "refused", said), CONFLICT)
    try:
        result = perform(visit, name, facts.n, fields_of(facts, name, visit.form))
    except BadForm as error:
        return _again(visit, facts, Tried(name, visit.form, error.problems), INVALID)
    if result.state == "refused":
        said = sentence_of(result.reason) or "It cannot be done."
        return _again(visit, _facts(visit), Tried(name, visit.form, {}, "refused", said), CONFLICT)
    if result.state != "done":
        # Not as the answer to the form: loaded again it would be sent, and done, once more.
        here = visit.url("alert", home=facts.home, n=facts.n)
        return visit.redirect(f"{here}?command={result.id}")
    return visit.redirect(_next(visit, facts), said=sentence_of(result.reason) or ACTS[name].done)


def access(visit: Visit) -> Response:
    """Show how to get in, once; that it was shown is on record before."""
    facts = _facts(visit)
    if facts.record is None or not facts.record.access:
        raise NotThere(f"No way to get in is registered for {facts.home}.")
    return _shown(visit, facts, Tried(), revealed=dict(facts.record.access), log=True)


def _facts(visit: Visit) -> AlertFacts:
    return AlertFacts(visit, visit.the_home, int(visit.path["n"]))


def _next(visit: Visit, facts: AlertFacts) -> str:
    """Return where to go when it is done: a page of ours that the form names, or the alert's."""
    wanted = visit.form.get("next", "")
    if wanted.startswith("/") and not wanted.startswith(("//", "/\\")):
        return wanted
    return visit.url("alert", home=facts.home, n=facts.n)


def _again(visit: Visit, facts: AlertFacts, tried: Tried, status: int) -> Response:
    """Show the page with what was typed; the guard logs only the reads of what went well."""
    return _shown(visit, facts, tried, status=status, log=True)


def _shown(
    visit: Visit,
    facts: AlertFacts,
    tried: Tried,
    *,
    status: int = 200,
    revealed: dict[str, str] | None = None,
    log: bool = False,
) -> Response:
    if log:
        visit.log_read(READS, facts.home)
    may_act = visit.operator.may(Act.ACT_ON_ALERTS) and not facts.is_resolved
    people = people_of(facts)
    return visit.render(
        "alert/page.html",
        status=status,
        facts=facts,
        row=facts.row,
        record=facts.record,
        zone=facts.zone,
        may_act=may_act,
        tried=tried,
        standing=_standing(facts),
        ages=_ages(facts),
        why=why_of(facts),
        people=people,
        people_left_out=left_out(facts),
        ladder=ladder_of(facts),
        forms=forms_of(facts, people) if may_act else None,
        seen=seen_now(facts),
        questions=[one for one in questions_of(facts) if may_act or one.answer],
        past=_past(facts),
        log=_log(facts),
        log_is_cut=len(facts.lines) > console_alert.MAX_LINES,
        acts=ACTS,
        has_access=facts.record is not None and bool(facts.record.access),
        may_reveal=visit.operator.may(Act.REVEAL_ACCESS),
        revealed=revealed,
    )


def _standing(facts: AlertFacts) -> str:
    """Return how it stands: a word of `queue.Standing`, `snoozed`, or `resolved`."""
    if facts.alert is None:
        return AlertState.RESOLVED.value
    standing = standing_of(facts.alert)
    return "snoozed" if standing is Standing.HELD and facts.snoozed else standing.value


def _ages(facts: AlertFacts) -> Ages | None:
    return None if facts.alert is None else ages_of(facts.alert, facts.now)


def _past(facts: AlertFacts) -> Past | None:
    """Return what happened in the home around the alert; None where there is no home."""
    if facts.record is None:
        return None
    since, until = _span(facts)
    timeline = timeline_of(facts.visit, facts.home, since, until)
    opened = timeline.clock.of(facts.row.opened_at).date().isoformat()
    title = f"What happened in {facts.home} around alert {facts.n}"
    return Past(draw(timeline, title=title, ident="around"), rows_of(timeline), opened)


def _span(facts: AlertFacts) -> tuple[Instant, Instant]:
    """Return the hours around its opening; of one that lasts for longer, the last ones."""
    opened = facts.row.opened_at
    ended = facts.row.resolved_at
    if ended is None:
        now = max(facts.now, opened)
        return max(opened, now - AFTER) - BEFORE, now
    end = min(facts.now, ended + AFTER_THE_END)
    return opened - BEFORE, max(min(end, opened + AFTER), opened)


def _log(facts: AlertFacts) -> list[Record]:
    """Return what was done about it, newest first, but for messages."""
    found = [line for line in facts.lines if not line.event.startswith(_NOT_IN_LOG)]
    return list(reversed(found))


ENTRIES: Final = (
    Entry(path="/alerts/{home:path}/{n:int}", name="alert", endpoint=page, reads=READS),
    Entry(
        path="/alerts/{home:path}/{n:int}/access",
        name="alert_access",
        endpoint=access,
        act=Act.REVEAL_ACCESS,
        methods=("POST",),
        reads=READS_ACCESS,
    ),
    Entry(
        path="/alerts/{home:path}/{n:int}/{act}",
        name="alert_act",
        endpoint=act,
        act=Act.ACT_ON_ALERTS,
        methods=("POST",),
    ),
)
