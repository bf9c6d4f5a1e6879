"""What the tests of a resident's pages share: cold homes for an evening, forms, what then holds."""

import re

import httpx

from telecared.adapters.sqlite import SqliteReader
from telecared.core.plan import HomeRecord, decode_home
from telecared.core.state import decode_state
from tests.web.centre import Centre, TownNight
from tests.web.town import ELM_3, LARCH_12

FORM = {"sec-fetch-site": "same-origin"}


async def cold_homes(night: TownNight) -> None:
    """Two homes are cold for an evening; in one of them everybody would be woken."""
    for home in (LARCH_12, ELM_3):
        await night.says(home, "thermo", temperature=15.2)
    for _ in range(6):
        await night.passes(minutes=30)
        for home in (LARCH_12, ELM_3):
            await night.says(home, "hub", heartbeat="seen")


def sent(client: httpx.Client, path: str, to: str, **fields: str) -> httpx.Response:
    """Fill in a form of a page and send it; the answer is that of the page it leads to."""
    page = client.get(path)
    return client.post(to, data={"csrf": csrf_of(page), **fields}, follow_redirects=True)


def running(site: Centre, home: str) -> tuple[list[str], list[str]]:
    """Kinds of suspensions, and rules of silences, that run in a home."""
    state = decode_state(dict(SqliteReader(site.path).home_states(home=home))[home])
    suspended = [one.kind.value for one in state.suspensions.values()]
    return suspended, [one.rule for one in state.silences.values()]


def registered(site: Centre, home: str) -> HomeRecord:
    """A home's record as it is registered now."""
    kept = [one.content for one in SqliteReader(site.path).home_records(home)]
    assert kept[-1] is not None
    return decode_home(kept[-1])


def signed_in(site: Centre, name: str) -> httpx.Client:
    """A browser in which somebody is signed in."""
    cookies = {"tc-session": site.cookie(name)}
    return httpx.Client(base_url=site.url, headers=FORM, cookies=cookies, timeout=20)


def words(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)).replace("&#39;", "'")


def of(home: str, tab: str = "") -> str:
    """The path of a page about a resident."""
    return f"/homes/{home}/resident{tab}"


def csrf_of(page: httpx.Response) -> str:
    """The token that forms of a page carry."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]
