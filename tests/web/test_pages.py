"""Every page of the route table, as people look at it: wide or narrow, light or dark, by keyboard.

Made of the table, so that a page that is added is looked at without a test being written. Axe's
rules for WCAG 2.2 AA run on each page in light; in dark those that colours decide, on a phone those
that size decides.
"""

import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page

from telecared.adapters.sqlite import SqliteReader
from telecared.core.links import token_of
from telecared.web.entries import all_entries
from telecared.web.routes import Entry, Kind
from tests.web.browsing import (
    COLOURS,
    DESKTOP,
    IN_BROWSER,
    PHONE,
    SMALL,
    Watched,
    axe,
    context_of,
    overflow,
)
from tests.web.centre import ADA, OLIVE, PASSWORD, SECRET, Centre
from tests.web.conftest import OpenPage
from tests.web.town import LARCH_12, OAK_1, SOUTH

pytestmark = IN_BROWSER

ADDRESSES = {
    "people_edit": "/people/1",
    "queue_take_over": f"/queue/{OAK_1}/{{held}}/take-over",
    "alert": f"/alerts/{LARCH_12}/{{open}}",
    "resident_rule": f"/homes/{LARCH_12}/resident/rules/pendant-pressed",
    "home_edit": f"/homes/{LARCH_12}/edit/record",
    "outage": f"/outages/{SOUTH}/1",
}
"""Entry -> where it has something to show, for those whose path asks for more than a home."""

LEFT_OUT = {
    "resident_trial": "a trial must be made first: tests of the resident's rules look at it",
    "sign_in": "looked at below, by somebody who is not signed in",
    "sign_in_provider": "leads to the identity provider",
    "sign_in_provider_back": "comes back from the identity provider",
    "sign_in_code": "leads to signing in when no code is asked for",
    "responder": "looked at below, with a link that was sent",
    "lock": "looked at below, with a session that is locked",
    "password": "looked at below, where the account is",
}
"""Pages that the table alone cannot open, and why."""


def has_page(entry: Entry) -> bool:
    """Whether a browser shows it as a page."""
    data = entry.path.endswith((".csv", ".json"))
    wanted = entry.kind in (Kind.PAGE, Kind.OPEN)
    return "GET" in entry.methods and wanted and not data and entry.name not in LEFT_OUT


PAGES = [entry for entry in all_entries() if has_page(entry)]


def address_of(entry: Entry, centre: Centre) -> str:
    """Where an entry has something to show."""
    path = ADDRESSES.get(entry.name, entry.path).replace("{home:path}", LARCH_12)
    if "{open}" in path:
        path = path.replace("{open}", str(centre.alerts(LARCH_12)[0].n))
    if "{held}" in path:
        [held] = [row.n for row in centre.alerts(OAK_1, rule="smoke")]
        path = path.replace("{held}", str(held))
    assert "{" not in path, f"{entry.name}: say in ADDRESSES where it has something to show"
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def looking(browser: Browser, centre: Centre) -> AsyncIterator[Watched]:
    """An administrator's window, used for one page after the other."""
    context = await context_of(browser, centre.url, cookie=centre.cookie(ADA))
    yield Watched(await context.new_page(), centre.url)
    await context.close()


async def looked_at(watched: Watched) -> list[str]:
    """What is wrong with the page that stands there, in every way of looking at it."""
    page = watched.page
    found = [f"light: {each}" for each in await axe(page)]
    await page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in await axe(page, rules=COLOURS)]
    await _is_as_wide_as(page, PHONE)
    found += [f"phone: {each}" for each in await axe(page, rules=SMALL)]
    found += [f"phone: too wide: {each}" for each in [await overflow(page)] if each]
    await page.emulate_media(color_scheme="light")
    await _is_as_wide_as(page, DESKTOP)
    found += [f"too wide: {each}" for each in [await overflow(page)] if each]
    found += await page.evaluate(UNREACHABLE)
    found += watched.complaints
    found += [f"asked another host: {each}" for each in watched.strangers]
    watched.complaints.clear()
    return found


async def _is_as_wide_as(page: Page, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})


UNREACHABLE = """() => [...document.querySelectorAll("a[href], button, input, select, textarea")]
  .filter((one) => one.type !== "hidden" && !one.disabled && one.checkVisibility())
  .filter((one) => one.tabIndex !== 0)
  .map((one) => `the keyboard does not reach it in its turn: ${one.outerHTML.slice(0, 120)}`)"""


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
async def test_a_page_can_be_used_by_everybody(
    entry: Entry, looking: Watched, centre: Centre
) -> None:
    """No violation, nothing wider than the window, no error, no request that leaves the site."""
    looking.complaints.clear()  # of a page before, which failed
    status = await looking.goes(address_of(entry, centre))

    assert status == 200
    assert await looked_at(looking) == []


async def test_pages_without_a_session_can_be_used_by_everybody(
    open_page: OpenPage, centre: Centre
) -> None:
    """Signing in, and the link that a contact was sent, which is for a phone."""
    alert = centre.presses(LARCH_12)
    sent = SqliteReader(centre.path).evidence_of(alert.home, alert.n)
    first = next(one.id for one in sent if one.channel == "sms" and one.to == "ben")
    stranger = await open_page("")
    for path in ("/sign-in", f"/r/{token_of(SECRET, first)}"):
        assert await stranger.goes(path) == 200
        assert await looked_at(stranger) == [], path


async def test_a_locked_session_and_a_refusal_can_be_used_by_everybody(
    open_page: OpenPage,
) -> None:
    """What people see when something is in the way is held to the same."""
    olive = await open_page(OLIVE)
    for path in ("/people", "/nothing-here"):
        assert await olive.goes(path) in (403, 404)
        # The browser itself calls the status an error; it is what was asked for.
        olive.complaints.clear()
        assert await looked_at(olive) == [], path
    await olive.goes("/password")
    assert await looked_at(olive) == []
    await olive.goes("/account")
    await olive.page.get_by_role("button", name="Lock", exact=True).click()
    await olive.page.get_by_role("heading", name="Locked").wait_for()
    assert await looked_at(olive) == []


async def test_the_first_tab_leads_past_the_navigation_and_every_stop_is_seen(
    open_page: OpenPage,
) -> None:
    """Whoever has no mouse skips to the list, walks it in order, and sees where they are."""
    olive = await open_page(OLIVE)
    await olive.goes("/")
    keys = olive.page.keyboard
    await keys.press("Tab")
    assert await olive.page.evaluate("document.activeElement.textContent") == "Skip to main content"
    await keys.press("Enter")
    await keys.press("Tab")
    assert await olive.page.evaluate("document.activeElement.closest('main') !== null")
    stops = []
    for _ in range(12):
        stops.append(
            await olive.page.evaluate(
                """() => {
                  const one = document.activeElement;
                  const style = getComputedStyle(one);
                  const seen = style.outlineStyle !== "none" || style.boxShadow !== "none";
                  const box = one.getBoundingClientRect();
                  return [Math.round(box.top + scrollY), seen, one.outerHTML.slice(0, 80)];
                }"""
            )
        )
        await keys.press("Tab")
    assert all(seen for _, seen, __ in stops), stops
    assert len({text for _, __, text in stops}) > 5
    assert all(one[0] <= two[0] + 60 for one, two in itertools.pairwise(stops)), stops


async def test_dark_is_kept_until_it_is_switched_off(open_page: OpenPage) -> None:
    """The switch outlives the page, and says by itself whether it is on."""
    olive = await open_page(OLIVE)
    await olive.goes("/")
    switch = olive.page.get_by_role("button", name="Dark")
    assert await switch.get_attribute("aria-pressed") == "false"
    light = await olive.page.evaluate("getComputedStyle(document.body).backgroundColor")
    await switch.click()
    assert await switch.get_attribute("aria-pressed") == "true"
    await olive.goes("/homes")
    assert await switch.get_attribute("aria-pressed") == "true"
    dark = await olive.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    await switch.click()
    assert await olive.page.evaluate("document.documentElement.dataset.theme") == "light"


async def test_an_alert_is_worked_from_end_to_end_without_javascript(
    open_page: OpenPage, centre: Centre
) -> None:
    """Sign in, take, write a note, resolve: forms and pages are enough."""
    alert = centre.presses(OAK_1)
    plain = await open_page("", scripts=False)
    page = plain.page
    await plain.goes("/")
    await page.get_by_label("Name").fill(OLIVE)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    row = page.locator(f"[data-alert='{alert.alert}']")
    await row.get_by_role("button", name="Take").click()
    await row.get_by_text("You have it").wait_for()
    await row.get_by_role("link").first.click()
    note = page.locator("#part-form-note form")
    await note.get_by_label("What is new").fill("She fell in the hall; ambulance is called.")
    await note.get_by_role("button").click()
    await page.get_by_text("She fell in the hall").first.wait_for()
    await page.get_by_label("Assistance given").check()
    await page.get_by_role("button", name="Resolve").click()
    await page.get_by_text("esolved").first.wait_for()

    done = centre.alert(alert.home, alert.n)
    assert (done.state, done.resolved_by) == ("resolved", OLIVE)


async def test_a_page_that_would_not_pass_is_noticed(looking: Watched) -> None:
    """The tests above can fail: a picture without words and a wide box are both found."""
    await looking.goes("/homes")
    await looking.page.evaluate(
        """() => {
          const box = document.createElement("img");
          box.width = 3000;
          box.height = 10;
          document.querySelector("main").append(box);
        }"""
    )
    found = await looked_at(looking)

    assert any("image-alt" in each for each in found)
    assert any(each.startswith("phone: too wide") for each in found)
    with pytest.raises(Error):
        await looking.page.goto("http://unreachable.invalid/", timeout=2_000)
