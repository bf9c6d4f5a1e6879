"""`/api/v1`: what the console does, as JSON with tokens, for a centre's own systems.

Acts are those of `acts`, by the same commands. What answers look like is `api_lines`, what may be
asked `api_asked`, and the description of it all `api_schema`.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from telecared.adapters.sqlite.console_api import (
    FIRST,
    AlertsWanted,
    FeedLine,
    Place,
    alert_page,
    feed,
    newest_line,
)
from telecared.core.operators import Act
from telecared.core.plan import HomeRecord
from telecared.core.vocabulary import SECOND, AlertState, Priority
from telecared.core.windows import rfc3339
from telecared.web import api_lines as lines
from telecared.web import api_schema
from telecared.web.act_fields import Field
from telecared.web.api_acts import act, answered
from telecared.web.api_asked import Answers, Asked, Kept, read_query
from telecared.web.api_ladder import with_ladder
from telecared.web.errors import BadForm
from telecared.web.routes import Entry, Kind
from telecared.web.visit import Visit

if TYPE_CHECKING:
    from telecared.web.console import Console

ROOT: Final = "/api/v1"

MOST_AT_ONCE: Final = 500
USUAL: Final = 100

LONGEST_WAIT: Final = 30
"""Seconds for which a question about news is held open."""

MOST_WAITING: Final = 8
"""Questions held open at once: each takes a thread. Whoever comes after is answered at once."""

_waiting = threading.BoundedSemaphore(MOST_WAITING)

LIMIT: Final = Asked(
    name="limit",
    what=f"How many at most; left out, {USUAL}.",
    kept=Kept.NUMBER,
    least=1,
    most=MOST_AT_ONCE,
)
_HOME: Final = Asked(name="home", what="Only of this home, `@scheme/ID` or `@site`.")
_SCHEME: Final = Asked(name="scheme", what="Only of the homes of this scheme.")


def _limited(visit: Visit) -> Response | None:
    """Return the refusal of a token that asks too often."""
    tries, who = visit.console.api_uses, str(visit.operator.id)
    if tries.are_too_many(who):
        told = lines.Problem(error="That was too often: wait a minute.", problems={})
        return answered(told, 429)
    tries.count(who)
    return None


# --- reading ------------------------------------------------------------------------------------

ALERTS_ASKED: Final = (
    Asked(name="state", what="Only in this state.", words=tuple(AlertState)),
    Asked(name="priority", what="Only of this priority.", words=tuple(Priority)),
    _HOME,
    _SCHEME,
    Asked(name="rule", what="Only of this rule."),
    Asked(name="since", what="Only opened at this time or later.", kept=Kept.TIME),
    Asked(
        name="before",
        what="`next` of the page before.",
        pattern=r"^\d{1,18}\.\d{1,18}\.\d{1,18}$",
    ),
    LIMIT,
)


def alerts(visit: Visit, asked: Answers) -> Response:
    """List alerts, newest first."""
    state, priority = asked.text("state"), asked.text("priority")
    before = asked.text("before")
    page = alert_page(
        visit.console.store_path,
        AlertsWanted(
            homes=_homes_asked(visit, asked),
            state=AlertState(state) if state else None,
            priority=Priority(priority) if priority else None,
            rule=asked.text("rule"),
            since=asked.time("since"),
            before=_place(before) if before else FIRST,
            limit=asked.number("limit", USUAL),
        ),
    )
    return answered(
        lines.Alerts(
            alerts=tuple(map(lines.alert_of, page.alerts)),
            next=None if page.next is None else ".".join(map(str, page.next)),
        )
    )


def _place(text: str) -> Place:
    opened_at, home, n = map(int, text.split("."))
    return opened_at, home, n


def _homes_asked(visit: Visit, asked: Answers) -> list[str] | None:
    """Return of which homes alerts are told; None for every one."""
    home, scheme = asked.text("home"), asked.text("scheme")
    if home is not None and not visit.sight.may_see(home):
        return []
    if scheme is not None:
        told = [one.id for one in visit.sight.homes().values() if one.scheme == scheme]
        if visit.operator.sees_scheme(scheme):
            told.append(f"@scheme/{scheme}")
        return [one for one in told if home in (None, one)]
    if home is not None:
        return [home]
    schemes = visit.operator.schemes
    if schemes is None:
        return None
    return [*visit.sight.homes(), *(f"@scheme/{one}" for one in schemes)]


def alert(visit: Visit, _: Answers) -> Response:
    """Tell one alert with its ladder."""
    return answered(with_ladder(visit, visit.the_home, visit.path["n"]))


HOMES_ASKED: Final = (
    _SCHEME,
    Asked(name="after", what="`next` of the page before: a home."),
    LIMIT,
)


def homes(visit: Visit, asked: Answers) -> Response:
    """List homes in the order of their ids."""
    scheme, after = asked.text("scheme"), asked.text("after") or ""
    limit = asked.number("limit", USUAL)
    found = [
        one
        for home, one in visit.sight.homes().items()
        if home > after and scheme in (None, one.scheme)
    ]
    told = tuple(
        lines.HomeInList(
            home=one.id, scheme=one.scheme, address=one.address, resident=one.resident_name
        )
        for one in found[:limit]
    )
    return answered(lines.Homes(homes=told, next=told[-1].home if len(found) > limit else None))


def home(visit: Visit, _: Answers) -> Response:
    """Tell what is registered of a home."""
    return answered(_home_of(visit.record))


def _home_of(record: HomeRecord) -> lines.Home:
    return lines.Home(
        home=record.id,
        scheme=record.scheme,
        address=record.address,
        timezone=record.timezone,
        tags=record.tags,
        resident=record.resident_name,
        phone=record.resident_phone,
        language=record.resident_language,
        born=record.resident_born,
        notes=record.resident_notes,
        policy=record.policy,
        contacts=tuple(
            lines.Contact(
                id=one.id,
                name=one.name,
                phone=one.phone,
                email=one.email,
                roles=one.roles,
                language=one.language,
            )
            for one in record.contacts
        ),
        devices=tuple(
            lines.Device(id=one.id, kind=one.kind, location=one.location, model=one.model)
            for one in record.devices
        ),
    )


def access(visit: Visit, _: Answers) -> Response:
    """Tell how to get into a home."""
    return answered(lines.Access(home=visit.record.id, access=visit.record.access))


EVENTS_ASKED: Final = (
    Asked(
        name="after",
        what="The `last` that you had; left out, only what comes from now on.",
        kept=Kept.NUMBER,
        least=0,
        most=10**15,
    ),
    Asked(
        name="wait",
        what="For how many seconds to be held while nothing is new; left out, 0.",
        kept=Kept.NUMBER,
        least=0,
        most=LONGEST_WAIT,
    ),
    LIMIT,
)


def events(visit: Visit, asked: Answers) -> Response:
    """Tell what is new, or wait for it."""
    path, desk = visit.console.store_path, visit.console.desk
    last, newest = asked.number("after", -1), newest_line(path)
    if last > newest:
        # Of a record that was put back from a copy: waiting there would hear nothing for days.
        raise BadForm({"after": f"The record ends at {newest}: ask once without it, and go on."})
    if last < 0:
        last = newest
    limit = asked.number("limit", USUAL)

    def look() -> tuple[lines.Event, ...] | None:
        """Return what is new; what is for other eyes is passed by, and not read again."""
        nonlocal last
        while found := feed(path, last, limit):
            last = found[-1].id
            told = tuple(_event_of(one) for one in found if visit.sight.may_see(one.home))
            if told:
                return told
        return None

    held = _waiting.acquire(blocking=False)
    try:
        told = desk.until(look, asked.number("wait", 0) if held else 0)
    finally:
        if held:
            _waiting.release()
    return answered(lines.Events(events=told or (), last=last))


def _event_of(one: FeedLine) -> lines.Event:
    return lines.Event(
        id=one.id,
        at=rfc3339(one.at),
        event=one.event,
        home=one.home,
        alert=None if not one.alert else f"{one.home}/{one.alert}",
        rule=one.rule,
        priority=one.priority,
        to=one.to,
        channel=one.channel,
    )


def pulse(visit: Visit, _: Answers) -> Response:
    """Tell whether the engine lives."""
    told = visit.pulse
    return answered(
        lines.Pulse(
            at=rfc3339(told.engine_now),
            runs=told.runs,
            stuck=told.stuck,
            linked=told.linked,
            held=told.held,
            full=told.full,
            speed=told.speed,
            clock_off=told.clock_off / SECOND,
        )
    )


# --- the table ----------------------------------------------------------------------------------

Reading = Callable[[Visit, Answers], Response]

_DESCRIBED: list[api_schema.Operation] = []
"""Every operation, as it is entered below."""


def _get(
    path: str,
    name: str,
    summary: str,
    reading: Reading,
    answer: type[msgspec.Struct],
    *,
    may: Act = Act.SEE_ALERTS,
    reads: str = "",
    asked: tuple[Asked, ...] = (),
) -> Entry:
    """Enter a question, and describe it."""
    _DESCRIBED.append(
        api_schema.Operation(
            path=f"{ROOT}{path}",
            method="GET",
            name=name,
            summary=summary,
            answer=answer,
            asked=asked,
        )
    )

    def page(visit: Visit) -> Response:
        return _limited(visit) or reading(visit, read_query(asked, visit.query))

    return Entry(
        path=f"{ROOT}{path}", name=name, endpoint=page, act=may, kind=Kind.API, reads=reads
    )


def _post(name: str, fields: tuple[Field, ...], label: str) -> Entry:
    """Enter an act, and describe it."""
    path = f"{ROOT}/alerts/{{home:path}}/{{n:int}}/{name}"
    entry = f"api_{name.replace('-', '_')}"
    _DESCRIBED.append(
        api_schema.Operation(
            path=path,
            method="POST",
            name=entry,
            summary=label,
            answer=lines.Command,
            fields=fields,
        )
    )

    def page(visit: Visit) -> Response:
        return _limited(visit) or act(visit, name)

    return Entry(
        path=path,
        name=entry,
        endpoint=page,
        act=Act.ACT_ON_ALERTS,
        methods=("POST",),
        kind=Kind.API,
    )


async def description(_: "Console", __: Request) -> Response:
    """Tell everybody what the API can do; it holds nothing about anybody."""
    told = msgspec.json.encode(api_schema.describe(_DESCRIBED))
    return Response(told, media_type="application/json")


ENTRIES: tuple[Entry, ...] = (
    Entry(
        path=f"{ROOT}/openapi.json", name="api_description", endpoint=description, kind=Kind.OPEN
    ),
    _get("/pulse", "api_pulse", "Whether the engine lives", pulse, lines.Pulse),
    _get(
        "/alerts", "api_alerts", "List alerts, newest first", alerts, lines.Alerts,
        reads="a list of alerts, with who has them", asked=ALERTS_ASKED,
    ),
    _get(
        "/events", "api_events", "What is new, held open while nothing is", events, lines.Events,
        asked=EVENTS_ASKED,
    ),
    *(_post(*one) for one in api_schema.acts()),
    _get(
        "/alerts/{home:path}/{n:int}", "api_alert", "One alert, and how far it has been told",
        alert, lines.AlertWithLadder, reads="an alert, whom it was told to, and what was said",
    ),
    _get(
        "/homes", "api_homes", "List homes", homes, lines.Homes, may=Act.SEE_HOMES,
        reads="a list of homes and residents", asked=HOMES_ASKED,
    ),
    _get(
        "/homes/{home:path}/access", "api_access", "How to get into a home", access, lines.Access,
        may=Act.REVEAL_ACCESS, reads="how to get into the home",
    ),
    _get(
        "/homes/{home:path}", "api_home", "What is registered of a home", home, lines.Home,
        may=Act.SEE_HOMES, reads="the record of the home",
    ),
)  # fmt: skip
