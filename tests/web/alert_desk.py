"""Somebody at the page of alerts over HTTP: reads pages, sends forms as a browser does."""

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx

from telecared.core.alert_commands import Acknowledged, Resolved
from telecared.core.vocabulary import SECOND, Duration, Outcome
from telecared.store_port import AlertRow
from tests.web.browsing import SESSION_COOKIE
from tests.web.centre import Centre

BETWEEN_PRESSES = 20 * SECOND

_TAGS = re.compile(r"<[^>]+>")
_PART = re.compile(r'<div data-part="(\w[\w-]*)" id="part-[\w-]+"[^>]*>')


class Shown(NamedTuple):
    """A page as it came: its status, and where the browser would be then."""

    status: int
    path: str
    html: str

    @property
    def words(self) -> str:
        """What it says, without its markup."""
        return " ".join(html.unescape(_TAGS.sub(" ", self.html)).split())

    def part(self, name: str) -> str:
        """What one part of an alert's page says; "" where it is not there."""
        found = list(_PART.finditer(self.html))
        for at, one in enumerate(found):
            if one[1] == name:
                end = found[at + 1].start() if at + 1 < len(found) else len(self.html)
                text = _TAGS.sub(" ", self.html[one.end() : end])
                return " ".join(html.unescape(text).split())
        return ""


class Desk:
    """One person who is signed in."""

    def __init__(self, centre: Centre, name: str, client: httpx.Client) -> None:
        self.centre = centre
        self.name = name
        self.client = client
        token = centre.cookie(name)
        client.cookies.set(SESSION_COOKIE, token)
        visitor = centre.accounts.visitor(token, centre.now(), acts=False)
        assert visitor is not None
        self.csrf = visitor.csrf

    def looks(self, path: str) -> Shown:
        """Load a page."""
        answer = self.client.get(path)
        return Shown(answer.status_code, answer.url.path, answer.text)

    def alert(self, alert: str) -> Shown:
        """Load an alert's page."""
        return self.looks(f"/alerts/{alert}")

    def does(self, alert: str, act: str, **fields: str) -> Shown:
        """Send one of its forms, and follow where it leads."""
        return self.sends(f"/alerts/{alert}/{act}", {"csrf": self.csrf, **fields})

    def sends(
        self, path: str, fields: dict[str, str], *, site: str | None = "same-origin"
    ) -> Shown:
        """Send any form."""
        headers = {} if site is None else {"Sec-Fetch-Site": site}
        answer = self.client.post(path, data=fields, headers=headers, follow_redirects=True)
        return Shown(answer.status_code, answer.url.path, answer.text)


@contextmanager
def desk_of(centre: Centre, name: str) -> Iterator[Desk]:
    """Sign somebody in."""
    with httpx.Client(base_url=centre.url, timeout=10) as client:
        yield Desk(centre, name, client)


def fresh(centre: Centre, home: str) -> AlertRow:
    """Have a pendant pressed in a home where no press is unresolved."""
    for row in centre.alerts(home, "pendant-pressed"):
        if row.resolved_at is None:
            ended = Resolved(input=0, at=0, alert=row.n, by="Test", outcome=Outcome.TEST)
            centre.orders(ended, home)
    # What is pressed again within seconds is the same act.
    passes(centre, BETWEEN_PRESSES)
    return centre.presses(home)


def passes(centre: Centre, lasts: Duration) -> None:
    """Let time pass at once; the engine catches up before anything else happens."""
    centre._base += lasts


def taken(centre: Centre, home: str, name: str) -> AlertRow:
    """Have a pendant pressed, and somebody take it."""
    alert = fresh(centre, home)
    done = centre.orders(Acknowledged(input=0, at=0, alert=alert.n, by=name), home)
    assert done.state == "done"
    return alert


def reads(centre: Centre, home: str) -> list[tuple[str, str, bool]]:
    """(who, what, it is in the chain) of the looks at a home that are on record."""
    with sqlite3.connect(f"file:{centre.path}?mode=ro", uri=True) as connection:
        return connection.execute(
            "SELECT by, what, EXISTS (SELECT 1 FROM chain WHERE kind = 'read' AND ref = r.id)"
            " FROM reads r WHERE home = ? ORDER BY id",
            (home,),
        ).fetchall()
