"""A desk in a browser, in haste: keys race rows, tabs share, streams die without a word."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from telecared.web import hub
from tests.web.browsing import IN_BROWSER, SESSION_COOKIE, Watched, context_of
from tests.web.centre import OLIVE, Centre
from tests.web.streaming import ends, fresh
from tests.web.test_browser_queue import IS_LIVE, SEEN_MS, row, soon
from tests.web.town import LARCH_14, LARCH_16, OAK_7

pytestmark = IN_BROWSER

PUT = """
    (of, id, opened) => {
        const old = document.querySelector(`[data-alert="${of}"]`);
        const copy = old.cloneNode(true);
        const [rank, , home] = JSON.parse(old.dataset.order);
        copy.dataset.alert = id;
        copy.dataset.order = JSON.stringify([rank, opened, home, 999]);
        copy.querySelector("[data-take]").setAttribute("formaction", `/queue/${id}/take`);
        const detail = { id, section: "at_centre", waits: true, priority: "life_safety" };
        detail.html = copy.outerHTML;
        document.dispatchEvent(new CustomEvent("tc:row", { detail }));
    }
"""
"""A row comes by the stream: a copy of another, older or younger."""

COUNTS = "(n) => document.querySelector('[data-board=waiting]').textContent === String(n)"

PRESS = """
    (repeat) => document.body.dispatchEvent(
        new KeyboardEvent("keydown", { key: "t", bubbles: true, cancelable: true, repeat }))
"""


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, floor: Centre) -> AsyncIterator[Watched]:
    """Olive's window on the queue."""
    context = await context_of(browser, floor.url, cookie=floor.cookie(OLIVE))
    watched = Watched(await context.new_page(), floor.url)
    await watched.goes("/")
    await watched.page.wait_for_selector(IS_LIVE)
    yield watched
    await context.close()


async def told(page: Page) -> str:
    """What the queue answered to a key."""
    return await page.inner_text("#answer")


async def test_a_key_takes_what_was_first_and_never_what_came_a_moment_before(
    desk: Watched, floor: Centre
) -> None:
    """A row comes above the first, a row goes under the finger, the key stays down: no mistake."""
    page = desk.page
    [alert] = await soon(fresh, floor, LARCH_14)
    await page.wait_for_selector(f"{row(alert)} [data-take]:enabled")
    await page.evaluate(f"({PUT})('{alert}', 'seen/1', 1)")
    await page.wait_for_timeout(SEEN_MS)
    taken: list[str] = []

    async def answer(route: Route) -> None:
        taken.append(route.request.url.removeprefix(f"{floor.url}/queue/"))
        await route.fulfill(json={"state": "refused", "words": "No.", "to": "/"})

    await page.route("**/queue/**", answer)
    # All in one turn of the browser, so that nothing comes between.
    await page.evaluate(f"() => {{ ({PUT})('{alert}', 'new/1', 0); ({PRESS})(false); }}")
    await page.wait_for_selector("#answer :text('No.')")
    assert taken == ["seen/1/take"]

    gone = "document.dispatchEvent(new CustomEvent('tc:gone', { detail: { id: 'new/1' } }))"
    await page.wait_for_timeout(SEEN_MS)
    await page.evaluate(f"() => {{ {gone}; ({PRESS})(false); }}")
    assert "The list has just changed" in await told(page)
    await page.wait_for_timeout(SEEN_MS)
    await page.evaluate(f"() => {{ ({PRESS})(true); ({PRESS})(true); }}")
    assert taken == ["seen/1/take"]

    await page.keyboard.press("j")
    await page.evaluate(f"() => {{ ({PUT})('{alert}', 'new/2', 0); ({PRESS})(false); }}")
    await page.wait_for_selector("#answer :text('No.')")
    assert taken == ["seen/1/take", "seen/1/take"]


async def test_a_stream_that_dies_without_a_word_is_begun_anew(
    desk: Watched, floor: Centre
) -> None:
    """The cable was pulled elsewhere, the lid was closed for an hour: the page finds out."""
    page = desk.page
    for stream in floor.served.hub._audience:
        floor.served_on.call_soon_threadsafe(floor.served.hub.leave, stream)
    async with page.expect_request("**/live**"):
        await page.evaluate(
            "() => Object.assign(tc.state, { heardAt: Date.now() - 3600000, opened: -10000 })"
        )
    [alert] = await soon(fresh, floor, OAK_7)
    await page.wait_for_selector(row(alert))
    await page.wait_for_selector("#stale", state="hidden")
    await page.wait_for_selector(f"{row(alert)} [data-take]:enabled")


async def test_more_queues_than_connections_stand_still_and_say_so(
    desk: Watched, floor: Centre
) -> None:
    """Browsers keep six connections to a site: a seventh stream would stop every press."""
    page = desk.page
    await page.evaluate(
        "() => [1, 2].forEach((slot) => navigator.locks.request("
        "`tc-live-${slot}`, () => new Promise(() => {})))"
    )
    other = await page.context.new_page()
    await other.goto(floor.url)
    await other.wait_for_selector("#stale:has-text('open in other tabs')")
    await other.wait_for_selector("#takes:has-text('open in other tabs')")
    [alert] = await soon(fresh, floor, LARCH_14)
    await page.wait_for_selector(row(alert))
    await page.close()
    await other.wait_for_selector(row(alert))
    await other.wait_for_selector("#stale", state="hidden")


async def test_a_tab_that_is_silenced_leaves_the_ringing_to_another(
    desk: Watched, floor: Centre
) -> None:
    """Two tabs: one rings; when its sound is turned off the other does, which says it is on."""
    page = desk.page
    [alert] = await soon(fresh, floor, LARCH_14)
    await page.wait_for_selector(row(alert))
    await page.click("#sound")
    await page.wait_for_selector("body[data-rings='life_safety']")
    other = await page.context.new_page()
    await other.goto(floor.url)
    await other.wait_for_selector(row(alert))
    await other.click("#sound")
    await other.wait_for_selector("#sound:has-text('Sound: on')")
    assert await other.get_attribute("body", "data-rings") == ""
    await page.click("#sound")
    await other.wait_for_selector("body[data-rings='life_safety']")
    assert await page.get_attribute("body", "data-rings") == ""


async def test_a_wall_board_that_nobody_touches_is_not_locked_away(
    desk: Watched, floor: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The idle lock falls: the board, which has no names, goes on counting."""
    monkeypatch.setattr(hub, "SESSIONS_SECONDS", 0.1)
    page = desk.page
    cookies = await page.context.cookies()
    token = next(one["value"] for one in cookies if one["name"] == SESSION_COOKIE)
    await desk.goes("/board")
    await page.wait_for_selector(IS_LIVE)
    for one in floor.alerts():
        if one.resolved_at is None and not one.home.startswith("@"):
            await asyncio.to_thread(ends, floor, one.alert)
    await page.wait_for_function(COUNTS, arg=0)
    await page.evaluate(
        "() => document.addEventListener('tc:locked', () => { window.wasLocked = true; })"
    )
    await asyncio.to_thread(floor.accounts.lock, token, floor.now())
    await page.wait_for_function("() => window.wasLocked === true")
    await soon(fresh, floor, LARCH_16)
    await page.wait_for_function(COUNTS, arg=1)
    assert page.url.endswith("/board")
    assert "Larch" not in await page.content()
