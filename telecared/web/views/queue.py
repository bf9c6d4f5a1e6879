"""The alert queue: who waits, where, for how long, and who has what; taking and taking over.

What stands in a row is `faces`; what is sent while the page is open, the hub's.
"""

from typing import Final
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response

from telecared.core.operators import Act
from telecared.core.vocabulary import Priority
from telecared.store_port import CommandResult
from telecared.web import acts
from telecared.web.errors import NotThere
from telecared.web.live import live
from telecared.web.open_alerts import Row
from telecared.web.routes import Entry, Kind
from telecared.web.rows import (
    Wanted,
    alert_path,
    clock_of,
    in_sections,
    late,
    look_of,
    queue_path,
    sees,
    wanted_of,
)
from telecared.web.visit import Visit

PRIORITIES: Final = (
    ("", "All"),
    *((one.value, one.value.replace("_", " ").capitalize()) for one in Priority),
)

NOT_YET: Final = (
    "The engine has not answered yet: you do not have it. Your wish is stored, and carried out "
    "when the engine comes back."
)


def queue(visit: Visit) -> Response:
    """Show every unresolved alert that they may see and asked for."""
    open_alerts = visit.console.open_alerts
    mark = open_alerts.refresh()
    rows = open_alerts.rows()
    wanted = wanted_of(lambda name: visit.query.get(name, ""), visit.operator)
    asked = _query(wanted)
    return visit.render(
        "queue/page.html",
        sections=in_sections(row for row in rows if sees(visit.operator, wanted, row.face)),
        schemes=[(scheme, scheme) for scheme in visit.sight.schemes()],
        priorities=PRIORITIES,
        wanted=wanted,
        mark=mark,
        live=f"/live?view=queue{'&' if asked else ''}{asked}",
        back=f"/?{asked}" if asked else "/",
        acts=visit.operator.may(Act.ACT_ON_ALERTS),
        takes=visit.pulse.is_well,
        look_of=look_of,
        clock=clock_of(visit.offset, visit.sight.plan.site_timezone),
        late=late,
        alert_path=alert_path,
        queue_path=queue_path,
    )


def take(visit: Visit) -> Response:
    """Take an alert: it is theirs when the engine says so, and not before."""
    home, n = visit.the_home, visit.path["n"]
    if not visit.pulse.is_well:
        return _told(visit, "refused", f"Not taken: {visit.pulse.says}")
    result = acts.perform(visit, "take", n, {})
    return _answered(visit, home, n, result, acts.ACTS["take"].done)


def take_over(visit: Visit) -> Response:
    """Ask whether they mean it, naming who has it; then take it over."""
    home, n = visit.the_home, visit.path["n"]
    if visit.request.method == "GET":
        return visit.render(
            "queue/take_over.html",
            face=_row(visit, home, n).face,
            problems={},
            alert_path=alert_path,
            queue_path=queue_path,
        )
    if not visit.pulse.is_well:
        return _told(visit, "refused", f"Not taken over: {visit.pulse.says}")
    result = acts.perform(visit, "take-over", n, {"note": visit.field("note")})
    return _answered(visit, home, n, result, acts.ACTS["take-over"].done)


def _row(visit: Visit, home: str, n: int) -> Row:
    visit.console.open_alerts.refresh()
    found = visit.console.open_alerts.row(home, n)
    if found is None:
        raise NotThere(f"There is no open alert {home}/{n}.")
    return found


def _answered(visit: Visit, home: str, n: int, result: CommandResult, done: str) -> Response:
    """Tell how it came out: on the alert's page when they have it, else in the queue."""
    if result.state == "done":
        return _told(visit, "done", result.reason or done, to=alert_path(home, n))
    if result.state == "refused":
        return _told(visit, "refused", f"{result.reason}.".replace("..", "."))
    return _told(visit, "accepted", NOT_YET)


def _told(visit: Visit, state: str, words: str, *, to: str = "") -> Response:
    """Send the browser on; a page that asked by itself is told, and goes on by itself."""
    to = to or _back(visit)
    if "application/json" in visit.request.headers.get("accept", ""):
        answer = JSONResponse({"state": state, "words": words, "to": to})
        if state == "done":
            visit.said_kept = True
            visit.console.pages.say_next(answer, words)
        return answer
    return visit.redirect(to, said=words)


def _back(visit: Visit) -> str:
    """Return where the form came from: the queue with its filters, and nothing else."""
    back = visit.field("back")
    return back if back.startswith("/?") else "/"


def _query(wanted: Wanted) -> str:
    asked = {"scheme": wanted.scheme, "priority": wanted.priority, "mine": "1" * bool(wanted.mine)}
    return urlencode({name: value for name, value in asked.items() if value})


ENTRIES: tuple[Entry, ...] = (
    Entry(
        path="/",
        name="queue",
        endpoint=queue,
        reads="names and addresses of the open alerts",
    ),
    Entry(
        path="/queue/{home:path}/{n:int}/take",
        name="queue_take",
        endpoint=take,
        act=Act.ACT_ON_ALERTS,
        methods=("POST",),
    ),
    Entry(
        path="/queue/{home:path}/{n:int}/take-over",
        name="queue_take_over",
        endpoint=take_over,
        act=Act.ACT_ON_ALERTS,
        methods=("GET", "POST"),
        reads="name and address of the alert's home",
    ),
    Entry(
        path="/live",
        name="live",
        endpoint=live,
        act=Act.OWN_ACCOUNT,
        kind=Kind.STREAM,
        locked=True,
    ),
)
