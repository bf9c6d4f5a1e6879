"""The pages about one resident: record, equipment, days and weeks, what was done and who read.

Rules and their changes are `resident_rules`, suspensions `resident_pauses`, rehearsals
`resident_preview`. Every page here is on record as read before it is sent.
"""

from datetime import date, timedelta
from typing import Final

from starlette.responses import Response

from telecared.adapters.sqlite.console_timeline import TimelineStore
from telecared.core.equipment import equipment
from telecared.core.operators import Act
from telecared.core.windows import local
from telecared.web.acts import ACTS
from telecared.web.home_past import timeline_of
from telecared.web.resident_frame import calm_state, shown
from telecared.web.resident_people import people_of
from telecared.web.routes import Entry
from telecared.web.timeline import LocalTime, day_span
from telecared.web.timeline_svg import draw, draw_week
from telecared.web.timeline_table import days_table, rows_of
from telecared.web.views import resident_pauses, resident_preview, resident_rules
from telecared.web.visit import Visit

HISTORY_ROWS: Final = 100
"""Lines of each list of the history page; older ones are a page further."""

_ABOUT_ALERTS: Final = {deed.kind for deed in ACTS.values()} - {"promise", "promise-kept"}
"""Kinds of commands that tell of alerts, which not everybody may see who sees homes."""

_ON_THE_WALL: Final = "%a %d %b %Y %H:%M:%S"
"""How the time of a command is told, which is the wall's and no engine time."""

DAYS_BACK: Final = 3_660
"""How far back a timeline may be asked for, in days; beyond it nothing is kept."""


def record(visit: Visit) -> Response:
    """Show who lives there, who helps them, and what is going on."""
    return _record(visit, access=False)


def access(visit: Visit) -> Response:
    """Show the record with the way in, which is on record as a read of its own."""
    return _record(visit, access=True)


def _record(visit: Visit, *, access: bool) -> Response:
    state = calm_state(visit)
    home_plan = visit.sight.home_plan(visit.the_home)
    return shown(
        visit,
        "resident/record.html",
        "resident",
        access=dict(visit.record.access) if access else None,
        people=people_of(visit.record, home_plan, state, visit.sight.site, visit.now),
        alerts=sorted(
            state.alerts.values() if visit.operator.may(Act.SEE_ALERTS) else (),
            key=lambda one: (one.priority.rank, one.opened_at),
        ),
        promises=sorted(state.promises.values(), key=lambda one: one.due_at),
        suspensions=list(state.suspensions.values()),
        silences=list(state.silences.values()),
        age=_age(visit.record.resident_born, local(visit.now, home_plan.zone, visit.offset).date()),
        today=local(visit.now, home_plan.zone, visit.offset).date().isoformat(),
    )


def _age(born: str | None, today: date) -> int | None:
    """Return how old somebody is, None where that is not known."""
    try:
        day = date.fromisoformat(born or "")
    except ValueError:
        return None
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def devices(visit: Visit) -> Response:
    """Show how each device stands and when it was last heard."""
    home_plan = visit.sight.home_plan(visit.the_home)
    standings = equipment(home_plan, calm_state(visit), visit.now)
    return shown(visit, "resident/devices.html", "resident_devices", standings=standings)


# --- timelines ----------------------------------------------------------------------------------


def day(visit: Visit) -> Response:
    """Show one local day, drawn and as a table."""
    clock, on = _asked_day(visit)
    timeline = timeline_of(visit, visit.the_home, *day_span(on, clock))
    today = clock.of(visit.now).date()
    return shown(
        visit,
        "resident/day.html",
        "resident_day",
        on=on,
        before=(on - timedelta(days=1)).isoformat(),
        after=(on + timedelta(days=1)).isoformat() if on < today else None,
        svg=draw(timeline, title=f"{visit.the_home} on {on:%A %d %B %Y}"),
        rows=rows_of(timeline),
        hours=round((timeline.span[1] - timeline.span[0]) / 3_600_000_000, 2),
        notes=timeline.notes,
    )


def week(visit: Visit) -> Response:
    """Show seven local days, drawn and as a table."""
    clock, last = _asked_day(visit)
    first = last - timedelta(days=6)
    since, until = day_span(first, clock)[0], day_span(last, clock)[1]
    timeline = timeline_of(visit, visit.the_home, since, until)
    today = clock.of(visit.now).date()
    return shown(
        visit,
        "resident/week.html",
        "resident_week",
        first=first,
        last=last,
        before=(last - timedelta(days=7)).isoformat(),
        after=min(today, last + timedelta(days=7)).isoformat() if last < today else None,
        svg=draw_week(timeline, title=f"{visit.the_home}, {first:%d %B} to {last:%d %B %Y}"),
        table=days_table(timeline),
        notes=timeline.notes,
    )


def _asked_day(visit: Visit) -> tuple[LocalTime, date]:
    """Return the clocks of the home, and the local day that is asked for; today for nonsense."""
    clock = LocalTime(visit.sight.home_plan(visit.the_home).zone, visit.sight.site)
    today = clock.of(visit.now).date()
    try:
        asked = date.fromisoformat(visit.query.get("on", ""))
    except ValueError:
        return clock, today
    return clock, max(min(asked, today), today - timedelta(days=DAYS_BACK))


# --- history ------------------------------------------------------------------------------------


def history(visit: Visit) -> Response:
    """Show the alerts of a home, what people did, and to auditors who read."""
    store = TimelineStore(visit.console.store_path)
    home = visit.the_home
    zone = visit.sight.home_plan(home).zone
    auditor = visit.operator.may(Act.SEE_AUDIT)
    before = {name: _number(visit.query.get(name, "")) for name in ("alert", "act", "read")}
    sees = visit.operator.may(Act.SEE_ALERTS)
    alerts = store.past_alerts(home, before=before["alert"], limit=HISTORY_ROWS) if sees else []
    acts = store.acts(home, before=before["act"], limit=HISTORY_ROWS)
    reads = store.reads(home, before=before["read"], limit=HISTORY_ROWS) if auditor else []
    return shown(
        visit,
        "resident/history.html",
        "resident_history",
        alerts=alerts,
        acts=[one for one in acts if sees or one.kind not in _ABOUT_ALERTS],
        reads=reads,
        auditor=auditor,
        on_the_wall=lambda at: local(at, zone, 0).strftime(_ON_THE_WALL),
        sees=sees,
        further={
            "alert": alerts[-1].n if len(alerts) == HISTORY_ROWS else None,
            "act": acts[-1].id if len(acts) == HISTORY_ROWS else None,
            "read": reads[-1].id if len(reads) == HISTORY_ROWS else None,
        },
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


_BASE: Final = "/homes/{home:path}/resident"

ENTRIES: tuple[Entry, ...] = (
    Entry(
        path=f"{_BASE}/access",
        name="resident_access",
        endpoint=access,
        act=Act.REVEAL_ACCESS,
        methods=("POST",),
        reads="the way into the home",
    ),
    Entry(
        path=f"{_BASE}/devices",
        name="resident_devices",
        endpoint=devices,
        act=Act.SEE_HOMES,
        reads="the devices of the home",
    ),
    Entry(
        path=f"{_BASE}/day",
        name="resident_day",
        endpoint=day,
        act=Act.SEE_HOMES,
        reads="a day of the home",
    ),
    Entry(
        path=f"{_BASE}/week",
        name="resident_week",
        endpoint=week,
        act=Act.SEE_HOMES,
        reads="a week of the home",
    ),
    Entry(
        path=f"{_BASE}/history",
        name="resident_history",
        endpoint=history,
        act=Act.SEE_HOMES,
        reads="the history of the home",
    ),
    *resident_pauses.ENTRIES,
    *resident_preview.ENTRIES,
    *resident_rules.ENTRIES,
    Entry(
        path=_BASE,
        name="resident",
        endpoint=record,
        act=Act.SEE_HOMES,
        reads="the record of the resident",
    ),
)
