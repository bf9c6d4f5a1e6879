"""What was sent from the page of an alert, held against how the alert stands now.

A page may be older than the alert: what ends it must not end what somebody has taken meanwhile.
What the forms offer is `alert_forms`; what a form comes to, `acts`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from telecared.adapters.sqlite.console_timeline import TimelineStore
from telecared.core.vocabulary import MINUTE, Priority
from telecared.core.windows import local, wall_instant
from telecared.web.errors import BadForm
from telecared.web.views.alert_facts import AlertFacts
from telecared.web.views.alert_forms import Tried, operators_for
from telecared.web.views.alert_why import sentence_of

_ENDS: Final = frozenset({"resolve", "link", "plan"})
"""Acts that end an alert, or let it rest, whoever has it."""

LONGEST_NUMBER: Final = 15
"""Digits of a command's number that are read."""

_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def seen_now(facts: AlertFacts) -> str:
    """Return how an alert stands, as forms carry it: how often it was raised again, who has it."""
    return f"{facts.row.repeats} {facts.row.owner or ''}"


def overtaken(facts: AlertFacts, act: str, form: Mapping[str, str]) -> str:
    """Return what has happened since the page of a form was loaded that forbids its act.

    A sentence; "" where nothing did, and for forms of other pages, which do not say what they saw.
    """
    before, given, owner_before = form.get("seen", "").partition(" ")
    if act not in _ENDS or not given:
        return ""
    owner = facts.row.owner or ""
    again = "It was not ended: look at it, and send this again if it is over all the same."
    if owner not in ("", owner_before, facts.visit.operator.name):
        return f"{owner} has taken it since you loaded this page. {again}"
    is_raised = facts.row.priority is Priority.LIFE_SAFETY and str(facts.row.repeats) != before
    return f"It was raised again since you loaded this page. {again}" if is_raised else ""


def fields_of(facts: AlertFacts, act: str, form: Mapping[str, str]) -> Mapping[str, str]:
    """Return the fields of a form as its act knows them. Raises BadForm."""
    if act == "snooze" and form.get("at"):
        return {"minutes": str(_minutes_until(facts, form))}
    to = form.get("to", "").strip()
    if act == "hand-over" and to:
        known = (facts.visit.operator.name, *operators_for(facts.visit, facts.home))
        if to not in known:
            raise BadForm({"to": "Choose somebody from the list: nobody else may take it here."})
    return form


def _minutes_until(facts: AlertFacts, form: Mapping[str, str]) -> int:
    """Return in how many minutes the clocks of the home show a time next. Raises BadForm."""
    clock = _CLOCK.fullmatch(form["at"].strip())
    if clock is None or form.get("minutes"):
        raise BadForm({"at": "Write a time like 18:30, by the clocks of the home."})
    zone, offset = facts.plan.zone, facts.site.offset(facts.now)
    wall = facts.now + offset
    today = local(facts.now, zone, offset).date()
    minute = 60 * int(clock[1]) + int(clock[2])
    ends = wall_instant(today, minute, zone, last=False)
    if ends <= wall:
        ends = wall_instant(today + timedelta(days=1), minute, zone, last=False)
    return -((wall - ends) // MINUTE)


def command_of(facts: AlertFacts) -> Tried:
    """Return what became of the command that the address names, if whoever looks gave it here."""
    number = facts.visit.query.get("command", "")
    if not (number.isascii() and number.isdecimal()) or len(number) > LONGEST_NUMBER:
        return Tried()
    store = TimelineStore(facts.visit.console.store_path)
    found = store.acts(facts.home, before=int(number) + 1, limit=1)
    if not found or found[0].id != int(number) or found[0].by != facts.visit.operator.name:
        return Tried()
    given = found[0]
    if given.state == "accepted":
        said = f"It is stored as command {number}; the engine has not carried it out yet."
    else:
        said = sentence_of(given.reason) or ("It is done." if given.state == "done" else "")
    return Tried(kind=given.state, said=said or "It cannot be done.")
