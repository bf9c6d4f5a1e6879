"""One request of somebody who may make it: what an endpoint knows and what it can do.

Made by the guard. Everything here may wait and reads files: endpoints run in worker threads.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from telecared.accounts_port import Visitor
from telecared.core.events import StoredEvent, encode_event
from telecared.core.operators import Operator
from telecared.core.plan import HomeRecord
from telecared.core.vocabulary import Duration, Instant
from telecared.errors import StoreFull
from telecared.store_port import CommandResult, CommandRow
from telecared.web.errors import BadForm, NotThere
from telecared.web.routes import Entry
from telecared.web.sight import Sight

if TYPE_CHECKING:
    from telecared.web.console import Console

log = structlog.get_logger(__name__)

ANSWER_SECONDS: Final = 5.0
"""How long a page waits for the engine to carry a command out before it says `accepted`."""


class Upload(msgspec.Struct, frozen=True):
    """A file of a form."""

    name: str
    content: bytes


class Visit:
    """One request.

    Attributes:
        form: field -> its last value; `several` has every value of a field.
        files: field -> file.
        path: parameters of the path.
        home: the home, `@scheme/ID` or `@site` that the path names, which they may see.
        now: engine time; `wall` is the wall's.
        visitor: the session; None for the API.
        via: how commands name where they came from: `console` or `api`.
    """

    def __init__(
        self,
        console: "Console",
        request: Request,
        entry: Entry,
        operator: Operator,
        *,
        visitor: Visitor | None = None,
        form: Mapping[str, Sequence[str]] | None = None,
        files: Mapping[str, Upload] | None = None,
        body: bytes = b"",
    ) -> None:
        self.console = console
        self.request = request
        self.entry = entry
        self.operator = operator
        self.visitor = visitor
        self.several = dict(form or {})
        self.form = {name: values[-1] for name, values in self.several.items() if values}
        self.files = dict(files or {})
        self.body = body
        self.path: dict[str, Any] = request.path_params
        self.query = request.query_params
        self.home: str | None = self.path.get("home")
        self.sight = Sight(console.registry, operator)
        pulse = console.pulse()
        self.now: Instant = pulse.engine_now
        self.wall: Instant = console.wall()
        self.pulse = pulse
        self.via = "api" if visitor is None else "console"
        self.said_kept = False

    @cached_property
    def offset(self) -> Duration:
        """Wall clock minus engine time, for showing local time."""
        return self.sight.site.offset(self.now)

    @property
    def is_htmx(self) -> bool:
        """Whether htmx asks, which replaces a part of the page that stands there."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def the_home(self) -> str:
        """The home that the path names. Raises NotThere."""
        if self.home is None:
            raise NotThere
        return self.home

    @property
    def record(self) -> HomeRecord:
        """The record of the registered home that the path names. Raises NotThere."""
        return self.sight.record(self.the_home)

    # --- asking the engine ----------------------------------------------------------------------

    def give(
        self,
        kind: str,
        home: str | None,
        what: StoredEvent | bytes,
        *,
        by: str | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> CommandResult:
        """Make a command durable, wait for the engine, and return how far it has come.

        Args:
            kind: of the command, as the commands of the terminal name it.
            home: the home that it is for, None for one of many homes or of the site.
            what: the event that it becomes, or its body.
            by: the named person; left out, whoever is signed in.
            seconds: how long to wait; `accepted` when it is not carried out by then.

        Raises:
            NotThere: the home is not for their eyes.
            StoreError: it could not be made durable.
        """
        if home is not None and not self.sight.may_see(home):
            raise NotThere(f"There is no home {home}.")
        body = what if isinstance(what, bytes) else encode_event(what)
        desk = self.console.desk
        command = desk.add(
            CommandRow(
                id=0,
                kind=kind,
                by=by or self.operator.name,
                via=self.via,
                given_at=self.wall,
                home=home,
                body=body,
            )
        )
        return desk.wait(command, seconds) or CommandResult(command, "accepted", "", 0)

    def log_read(self, what: str, home: str | None = None) -> None:
        """Make durable that they are about to be shown personal data; call it before showing.

        On a full disk it stands in the log of the process instead: whoever has to answer alarms
        must not stand before a page that cannot be shown.
        """
        try:
            self.console.desk.log_read(by=self.operator.name, what=what, home=home, at=self.now)
        except StoreFull:
            log.warning("read.not_stored", operator=self.operator.id, what=what, home=home)

    # --- the form -------------------------------------------------------------------------------

    def field(self, name: str, *, longest: int = 2_000) -> str:
        """Return a field without the space around it, "" where it is missing. Raises BadForm."""
        value = self.form.get(name, "").replace("\r\n", "\n").strip()
        if len(value) > longest:
            raise BadForm({name: f"This is longer than {longest} characters: write less."})
        return value

    # --- answering ------------------------------------------------------------------------------

    def render(self, template: str, *, status: int = 200, **values: object) -> Response:
        """Return a page or a part of one."""
        return HTMLResponse(self.console.pages.render(self, template, values), status_code=status)

    def redirect(self, to: str, *, said: str = "") -> Response:
        """Send the browser to a page of ours by GET.

        Args:
            to: a path of ours.
            said: a sentence that the next page shows once.
        """
        answer = RedirectResponse(to, status_code=303)
        if said:
            self.said_kept = True
            self.console.pages.say_next(answer, said)
        return answer

    def url(self, name: str, **path: object) -> str:
        """Return the path of an entry by its name."""
        return str(self.request.app.url_path_for(name, **path))


def said_of(result: CommandResult, done: str, *, refused: str = "This was not done") -> str:
    """Return what the next page says of a command: done only when the engine says so.

    Args:
        result: how far it has come.
        done: the sentence when it was carried out.
        refused: begins the sentence, which ends with the engine's reason, when it was not.
    """
    if result.state == "done":
        return done
    if result.state == "refused":
        return f"{refused}: {result.reason}."
    return "On record, and not carried out yet: the engine does not answer."
