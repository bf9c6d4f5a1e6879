"""Templates into pages: filters, what every page is given, and a sentence for the next one.

What a page shows is its view's. Personal data is never put into an address.
"""

import base64
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import jinja2
from starlette.responses import Response

from telecared.core.operators import Act
from telecared.core.site import SiteFacts
from telecared.core.vocabulary import Duration, Instant
from telecared.core.windows import duration_text, local, rfc3339

if TYPE_CHECKING:
    from telecared.web.visit import Visit

TEMPLATES: Final = Path(__file__).parent / "templates"
SAID_COOKIE: Final = "tc-said"
SAID_SECONDS: Final = 20
LONGEST_SAID: Final = 500

Link = tuple[str, str, Act]
"""Name of an entry, its words in the navigation, and what one must be allowed."""

NAVIGATION: Final[tuple[Link, ...]] = (
    ("queue", "Alerts", Act.SEE_ALERTS),
    ("homes", "Homes", Act.SEE_HOMES),
    ("handover", "Handover", Act.SEE_ALERTS),
    ("outages", "Outages", Act.SEE_ALERTS),
    ("attention", "Devices", Act.SEE_HOMES),
    ("reports", "Reports", Act.SEE_REPORTS),
    ("board", "Wall board", Act.SEE_ALERTS),
    ("people", "People", Act.MANAGE_PEOPLE),
    ("people_log", "Sign-ins", Act.SEE_AUDIT),
    ("demo_phones", "Phones", Act.OWN_ACCOUNT),
)


class Pages:
    """Renders templates.

    Args:
        title: what the site is called in the head of every page.
        site_zone: for what belongs to no home.
        secure: cookies only over TLS.
    """

    def __init__(self, *, title: str, secure: bool) -> None:
        self._title = title
        self._secure = secure
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["iso"] = rfc3339
        self._templates.filters["lasts"] = lasts_text
        self._templates.filters["words"] = lambda word: str(word).replace("_", " ")
        # What a choice of a form is made of: its value and its words.
        self._templates.filters["pair"] = lambda word: (str(word), str(word))
        self._templates.filters["pair_words"] = lambda word: (
            str(word),
            str(word).replace("_", " ").capitalize(),
        )

    def render(self, visit: "Visit", template: str, values: Mapping[str, object]) -> str:
        """Return a template with its values and with what every page is given.

        Every template is given `visit`, `operator`, `csrf`, `now`, `pulse`, `nav`, `site_title`,
        `said` and `clock`, which shows an instant in a zone.
        """
        here = visit.entry.name
        names = visit.console.names
        nav = [
            {"href": visit.url(name), "label": label, "current": name == here}
            for name, label, act in NAVIGATION
            if name in names and visit.operator.may(act)
        ]
        given: dict[str, object] = {
            "visit": visit,
            "operator": visit.operator,
            "csrf": visit.visitor.csrf if visit.visitor is not None else "",
            "now": visit.now,
            "pulse": visit.pulse,
            "nav": nav,
            "site_title": self._title,
            "said": _said_of(visit),
            "clock": _Clock(visit),
        }
        return self._templates.get_template(template).render({**given, **values})

    def render_open(self, template: str, **values: object) -> str:
        """Return a template for somebody who is not signed in."""
        return self._templates.get_template(template).render(
            {"site_title": self._title, "operator": None, "nav": [], "csrf": "", **values}
        )

    def say_next(self, answer: Response, said: str) -> None:
        """Have the next page show a sentence once."""
        # Cut by bytes, as a cookie is long, and not within a sign.
        text = said.encode()[:LONGEST_SAID].decode(errors="ignore").encode()
        value = base64.urlsafe_b64encode(text).decode().rstrip("=")
        answer.set_cookie(
            SAID_COOKIE,
            value,
            max_age=SAID_SECONDS,
            httponly=True,
            samesite="lax",
            secure=self._secure,
        )


class _Clock:
    """Shows instants as the clocks of a zone do."""

    def __init__(self, visit: "Visit") -> None:
        self._visit = visit

    @cached_property
    def _site(self) -> SiteFacts:
        return self._visit.sight.site

    def __call__(
        self, at: Instant, zone: str | None = None, form: str = "%a %d %b %H:%M:%S"
    ) -> str:
        name = zone or self._visit.sight.plan.site_timezone
        # What was before a step of the clock is told as clocks showed it then.
        return local(at, ZoneInfo(name), self._site.offset(at)).strftime(form)


def lasts_text(lasts: Duration) -> str:
    """Return a duration in words, `4 min`."""
    return duration_text(max(0, lasts))


def _said_of(visit: "Visit") -> str:
    value = visit.request.cookies.get(SAID_COOKIE, "")[: 2 * LONGEST_SAID]
    if not value:
        return ""
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode()
    except ValueError:
        return ""
