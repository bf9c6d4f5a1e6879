"""`/live`: the stream of server-sent events of every page.

Events: `row`, `gone` and `list` of the queue, `alert` (ids of which something is new), `bell`
(counts), `board`, `pulse`, `locked`, `over`. What is in them is the hub's.
"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from telecared.web.marks import parse_mark
from telecared.web.rows import wanted_of
from telecared.web.streams import Stream, StreamAnswer
from telecared.web.visit import Visit

VIEWS = ("queue", "board", "bell")

READS = "names and addresses of the open alerts, as they come"
READS_NEW = "addresses of new alerts, as they come"


async def live(visit: Visit, request: Request) -> Response:
    """Open a stream. One that comes back is told what it has missed.

    A browser that reconnects by itself says how far it was in `Last-Event-ID`; a page that opens
    it for the first time, in `last`.
    """
    visitor, console = visit.visitor, visit.console
    if visitor is None:
        return Response(status_code=401)
    last = request.headers.get("last-event-id") or visit.query.get("last", "")
    view = visit.query.get("view", "bell")
    stream = Stream(
        visit.operator,
        request.cookies.get(console.session_cookie, ""),
        view=view if view in VIEWS else "bell",
        wanted=wanted_of(lambda name: visit.query.get(name, ""), visit.operator),
        seen=parse_mark(last),
        locked=visitor.locked or visitor.must_change_password,
    )
    if stream.reads and stream.view != "board":  # which tells no names
        reads = READS if stream.view == "queue" else READS_NEW
        await run_in_threadpool(visit.log_read, reads)
    if not console.hub.join(stream):
        return Response(status_code=503, headers={"Retry-After": "5"})
    return StreamAnswer(stream, lambda: console.hub.leave(stream))
