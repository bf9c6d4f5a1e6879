"""Suspensions and silences of a home: what runs, stating one with its end, ending one.

Only commands change anything: what is done is what the engine says. When they end by themselves is
the core's.
"""

import re
from datetime import datetime
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.core.events import Silenced, SilenceEnded, Suspended, SuspensionEnded
from telecared.core.operators import Act
from telecared.core.suspensions import LONGEST_SILENCE, LONGEST_SUSPENSION
from telecared.core.vocabulary import HOUR, Duration, Priority, SuspensionKind
from telecared.orders import StatedOrder
from telecared.store_port import CommandResult
from telecared.web.errors import BadForm
from telecared.web.resident_frame import calm_state, shown
from telecared.web.routes import Entry
from telecared.web.visit import Visit

LONGEST_NOTE: Final = 500
"""Characters of a note: as many as at the terminal."""

_LOCAL: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_HOURS: Final = re.compile(r"[0-9]{1,4}([.,][0-9])?")

_KIND_WORDS: Final = {
    SuspensionKind.AWAY: "Away for some hours or days",
    SuspensionKind.HOSPITAL: "In hospital",
    SuspensionKind.HOLIDAY: "On holiday",
    SuspensionKind.VISITOR: "A visitor stays in the home",
    SuspensionKind.MAINTENANCE: "Somebody works on the equipment",
}


def pauses(visit: Visit) -> Response:
    """Show what runs, and the forms to state more."""
    return _page(visit, {})


def _page(visit: Visit, problems: dict[str, str]) -> Response:
    state = calm_state(visit)
    rules = sorted(
        one.name
        for one in visit.sight.home_plan(visit.the_home).rules
        if one.rule.priority is not Priority.LIFE_SAFETY
    )
    return shown(
        visit,
        "resident/pauses.html",
        "resident_pauses",
        status=400 if problems else 200,
        running=[
            *(("suspend", one) for one in state.suspensions.values()),
            *(("silence", one) for one in state.silences.values()),
        ],
        kinds=[(kind.value, _KIND_WORDS[kind]) for kind in SuspensionKind],
        rules=[("", "Every rule"), *((name, name) for name in rules)],
        device_choices=[("", "Every device"), *((one.id, one.id) for one in visit.record.devices)],
        longest=(LONGEST_SUSPENSION, LONGEST_SILENCE),
        problems=problems,
        given=visit.form,
    )


def suspend(visit: Visit) -> Response:
    """State that the home is not as usual until a time."""
    try:
        kind = SuspensionKind(visit.field("kind"))
    except ValueError:
        return _page(visit, {"kind": "Say why: away, hospital, holiday, visitor or maintenance."})
    try:
        event = Suspended(
            input=0, at=0, by=visit.operator.name, kind=kind, until=0, note=_note(visit)
        )
        order = _ending(visit, event, "s-")
    except BadForm as error:
        return _page(visit, error.problems)
    return _answered(visit, visit.give("suspend", visit.the_home, msgspec.json.encode(order)))


def silence(visit: Visit) -> Response:
    """Have findings page nobody until a time; never life safety."""
    try:
        event = Silenced(
            input=0,
            at=0,
            by=visit.operator.name,
            until=0,
            rule=visit.field("rule"),
            device=visit.field("device"),
            note=_note(visit),
        )
        order = _ending(visit, event, "q-")
    except BadForm as error:
        return _page(visit, error.problems)
    return _answered(visit, visit.give("silence", visit.the_home, msgspec.json.encode(order)))


def end(visit: Visit) -> Response:
    """End one of those that run."""
    what, number = visit.field("what"), visit.field("number")
    if what not in ("suspend", "silence") or not re.fullmatch(r"[0-9]{1,9}", number):
        return _page(visit, {"": "Choose which one ends."})
    by, n = visit.operator.name, int(number)
    event: SuspensionEnded | SilenceEnded
    if what == "suspend":
        event = SuspensionEnded(input=0, at=0, by=by, suspension=n)
    else:
        event = SilenceEnded(input=0, at=0, by=by, silence=n)
    body = msgspec.json.encode(StatedOrder(event=event))
    return _answered(visit, visit.give(what, visit.the_home, body))


def _answered(visit: Visit, result: CommandResult) -> Response:
    if result.state == "refused":
        return _page(visit, {"": _sentence(result.reason)})
    said = "It is stored; the engine has not answered yet."
    if result.state == "done":
        said = f"Done: {result.reason}." if result.reason else "Done: it has ended."
    return visit.redirect(visit.url("resident_pauses", home=visit.the_home), said=said)


def _sentence(reason: str) -> str:
    """Return a refusal as a sentence; what it says of the terminal is on this page."""
    told = reason.partition(": `telecared")[0]
    return f"{told[:1].upper()}{told[1:]}."


def _note(visit: Visit) -> str:
    return visit.field("note", longest=LONGEST_NOTE)


def _ending(visit: Visit, event: Suspended | Silenced, prefix: str) -> StatedOrder:
    """Return the order with the end that the form names. Raises BadForm: an end is compulsory."""
    until, lasts = visit.field(f"{prefix}until"), visit.field(f"{prefix}hours")
    if bool(until) == bool(lasts):
        raise BadForm({f"{prefix}hours": "Say when it ends: for how many hours, or until when."})
    if lasts:
        return StatedOrder(event=event, lasts=_hours(lasts, f"{prefix}hours"))
    try:
        if not _LOCAL.fullmatch(until[:16]):
            raise ValueError(until)
        datetime.fromisoformat(until[:16])
    except ValueError:
        example = "Write the end like 2026-12-03T12:00, by the clocks of the home."
        raise BadForm({f"{prefix}until": example}) from None
    return StatedOrder(event=event, local_until=until[:16])


def _hours(text: str, field: str) -> Duration:
    if not _HOURS.fullmatch(text):
        raise BadForm({field: "Write the hours as a number, like 2 or 36."})
    hours = float(text.replace(",", "."))
    if not hours:
        raise BadForm({field: "It must last for some time: write the hours, like 2 or 36."})
    return int(hours * HOUR)


_BASE: Final = "/homes/{home:path}/resident/suspensions"
_READS: Final = "the suspensions of the home"

ENTRIES: tuple[Entry, ...] = (
    Entry(
        path=_BASE,
        name="resident_pauses",
        endpoint=pauses,
        act=Act.SEE_HOMES,
        reads=_READS,
    ),
    Entry(
        path=f"{_BASE}/suspend",
        name="resident_suspend",
        endpoint=suspend,
        act=Act.SUSPEND,
        methods=("POST",),
        reads=_READS,
    ),
    Entry(
        path=f"{_BASE}/silence",
        name="resident_silence",
        endpoint=silence,
        act=Act.SUSPEND,
        methods=("POST",),
        reads=_READS,
    ),
    Entry(
        path=f"{_BASE}/end",
        name="resident_pause_end",
        endpoint=end,
        act=Act.SUSPEND,
        methods=("POST",),
        reads=_READS,
    ),
)
