"""The queue in a browser: hidden, cut off, restarted, raced for; no alert missing, none twice."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from tests.web.browsing import DESKTOP, IN_BROWSER, PHONE, Watched, axe, context_of, overflow
from tests.web.centre import OLIVE, OMAR, Centre
from tests.web.streaming import ends, fresh, taken
from tests.web.town import ELM_3, LARCH_14, LARCH_16, OAK_1, OAK_2, OAK_7

pytestmark = IN_BROWSER

RACES = 5

PRESS = "(row) => document.querySelector(`${row} [data-take]`).click()"
"""Press without waiting for what comes of it."""

SEEN_MS = 700
"""A list must have stood for so long before a key takes its first."""

IS_LIVE = "body[data-live='on']"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(browser: Browser, floor: Centre) -> AsyncIterator[Watched]:
    """Olive's browser, which she keeps open all night."""
    context = await context_of(browser, floor.url, cookie=floor.cookie(OLIVE))
    watched = Watched(await context.new_page(), floor.url)
    yield watched
    assert watched.strangers == []
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(window: Watched) -> Watched:
    """Olive's window on the queue of a centre of these stories' own."""
    await window.goes("/")
    await window.page.wait_for_selector(IS_LIVE)
    window.complaints.clear()
    return window


def row(alert: str) -> str:
    """The selector of a row."""
    return f'[data-alert="{alert}"]'


async def soon(function: object, *arguments: object) -> Any:  # noqa: ANN401 - whatever happens
    """Have something happen at the centre while the browser goes on."""
    return await asyncio.to_thread(function, *arguments)  # type: ignore[arg-type]


def waiting(centre: Centre) -> int:
    """How many commands wait for the engine."""
    with closing(sqlite3.connect(centre.path)) as store:
        found = store.execute("SELECT count(*) FROM commands WHERE input_id IS NULL").fetchone()
    return int(found[0])


async def shown(page: Page) -> list[str]:
    """Every alert on the screen, as often as it is there."""
    found: list[str] = await page.eval_on_selector_all(
        "[data-section] > [data-alert]", "rows => rows.map((row) => row.dataset.alert)"
    )
    return found


async def sound_of(page: Page) -> str:
    """What the queue sounds like now."""
    found: str = await page.evaluate("document.body.dataset.rings ?? ''")
    return found


async def test_an_alert_comes_rings_is_announced_once_and_is_taken_with_one_key(
    desk: Watched, floor: Centre
) -> None:
    """Blocked sound is visible and can be turned on; `t` takes the first and opens its page."""
    page = desk.page
    for left in await shown(page):
        await soon(ends, floor, left)
    assert "blocked" in await page.inner_text("#sound")
    assert await page.inner_text("#announce") == ""
    # Each by itself: not all of the last seconds again with every new one.
    assert await page.get_attribute("#announce", "aria-atomic") == "false"
    [alert] = await soon(fresh, floor, LARCH_14)
    await page.wait_for_selector(f'[data-section="at_centre"] > {row(alert)}')
    assert await page.title() == "(1) Alerts \N{EN DASH} Riverside Centre"
    said = await page.inner_text("#announce")
    assert said.count("pendant pressed at 14 Larch Close") == 1
    await page.click("#sound")
    await page.wait_for_selector("body[data-rings='life_safety']")
    assert await page.inner_text("#sound") == "Sound: on"

    await page.wait_for_timeout(SEEN_MS)
    await page.keyboard.press("t")
    await page.wait_for_url(f"**/alerts/{alert}")
    assert "You have it" in await page.inner_text("main")
    await desk.goes("/")
    await page.wait_for_selector(f'[data-section="held"] > {row(alert)}')
    assert await sound_of(page) == ""
    assert desk.complaints == []


async def test_keys_move_open_and_explain_themselves(desk: Watched, floor: Centre) -> None:
    """`j` and `k` move, `?` explains, `f` filters; single keys can be switched off."""
    page = desk.page
    first, second = await soon(fresh, floor, LARCH_14, LARCH_16)
    await page.wait_for_selector(row(second))
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    assert await page.locator(".tc-row--selected").count() == 1
    await page.keyboard.press("?")
    assert await page.locator("#keys").is_visible()
    assert await axe(page) == []
    await page.check("#keys-off")
    await page.keyboard.press("Escape")
    await page.keyboard.press("t")
    await page.keyboard.press("f")
    assert not await page.locator("#f-scheme").is_visible()
    await page.keyboard.press("?")
    await page.uncheck("#keys-off")
    await page.keyboard.press("Escape")
    await page.keyboard.press("f")
    assert await page.locator("#f-scheme").is_visible()
    assert set(await shown(page)) >= {first, second}


async def test_a_hidden_tab_misses_nothing(desk: Watched, floor: Centre, browser: Browser) -> None:
    """Another window is in front; what came meanwhile is there on return, once."""
    page = desk.page
    session = await page.context.new_cdp_session(page)
    other = await page.context.new_page()
    await other.bring_to_front()
    await session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    alerts = await soon(fresh, floor, ELM_3, OAK_1)
    for alert in alerts:
        await page.wait_for_selector(row(alert), state="attached")
    await page.bring_to_front()
    there = await shown(page)
    assert len(there) == len(set(there))
    await other.close()


async def test_a_lost_connection_is_told_stops_taking_and_is_made_up_for(
    desk: Watched, floor: Centre
) -> None:
    """Within five seconds a banner; nothing can be taken; back again, nothing is missing."""
    page = desk.page
    stays, goes = await soon(fresh, floor, LARCH_14, OAK_7)
    await page.wait_for_selector(row(goes))
    # A closed lid, a pulled cable: what is open ends, and nothing new comes through.
    await page.context.set_offline(True)

    async def refuse(route: Route) -> None:
        await route.abort()

    await page.context.route("**/live**", refuse)
    for stream in floor.served.hub._audience:
        floor.served_on.call_soon_threadsafe(stream.end)
    await soon(ends, floor, goes)
    [new] = await soon(fresh, floor, OAK_2)
    await page.wait_for_selector("#stale:has-text('The connection is lost')", timeout=6_000)
    await page.wait_for_selector(f"{row(stays)} [data-take]:disabled", timeout=3_000)
    assert "no live connection" in await page.inner_text("#takes")

    await page.context.unroute("**/live**")
    await page.context.set_offline(False)
    await page.wait_for_selector(f'[data-section="with_family"] > {row(new)}')
    await page.wait_for_selector(row(goes), state="detached")
    await page.wait_for_selector(f"{row(stays)} [data-take]:enabled")
    assert await page.locator("#stale").is_hidden()
    there = await shown(page)
    assert len(there) == len(set(there))


async def test_an_engine_that_restarts_in_mid_act_is_waited_for(
    desk: Watched, floor: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pressed while it is down: `not yet`; when it is back, the row says that they have it."""
    page = desk.page
    [alert] = await soon(fresh, floor, LARCH_16)
    await page.wait_for_selector(row(alert))
    monkeypatch.setattr(
        "telecared.adapters.sqlite.CommandDesk.wait",
        lambda self, command, _: self.state_of(command),
    )
    floor.turns = False
    await page.click(f"{row(alert)} [data-take]")
    await page.wait_for_selector("#answer .tc-notice--accepted")
    assert "you do not have it" in await page.inner_text("#answer")
    assert await page.locator(f'[data-section="held"] > {row(alert)}').count() == 0
    floor.turns = True
    await asyncio.to_thread(floor.restarts)
    await page.wait_for_selector(f'[data-section="held"] > {row(alert)}')
    assert "You have it" in await page.inner_text(row(alert))


async def test_two_operators_race_five_times(
    desk: Watched, floor: Centre, browser: Browser
) -> None:
    """Both press at once; one stands on the alert's page, the other reads who has it."""
    context = await context_of(browser, floor.url, cookie=floor.cookie(OMAR))
    other = Watched(await context.new_page(), floor.url)
    await other.goes("/")
    for home in (LARCH_14, LARCH_16, ELM_3, OAK_1, OAK_7)[:RACES]:
        [alert] = await soon(fresh, floor, home)
        pages = [desk.page, other.page]
        for page in pages:
            await page.wait_for_selector(f"{row(alert)} [data-take]:enabled")
        # The engine stands still until both have pressed: no row changes under the later hand.
        floor.turns = False
        try:
            await asyncio.gather(*(page.evaluate(PRESS, row(alert)) for page in pages))
            while await soon(waiting, floor) < 2:
                await asyncio.sleep(0.02)
        finally:
            floor.turns = True
        owner = ""
        while not owner:
            await asyncio.sleep(0.05)
            owner = next(one.owner or "" for one in floor.alerts(home) if one.alert == alert)
        won, lost = pages if owner == OLIVE else reversed(pages)
        await won.wait_for_url(f"**/alerts/{alert}")
        await lost.wait_for_selector("#answer .tc-notice--refused")
        assert f"{owner} already has it" in await lost.inner_text("#answer")
        await lost.wait_for_selector(f'[data-section="held"] > {row(alert)}')
        await won.goto(floor.url)
    await context.close()


async def test_somebody_else_s_act_is_seen_and_taking_over_asks(
    desk: Watched, floor: Centre
) -> None:
    """Omar has it: the row says so at once; the way to it leads over a question."""
    page = desk.page
    [alert] = await soon(fresh, floor, LARCH_14)
    await page.wait_for_selector(row(alert))
    await soon(taken, floor, alert, OMAR)
    await page.wait_for_selector(f'[data-section="held"] > {row(alert)}')
    assert OMAR in await page.inner_text(row(alert))
    await page.click(f"{row(alert)} >> text=Take over")
    assert f"{OMAR} has it" in await page.inner_text("main")
    assert await axe(page) == []
    await page.click("main >> text=Take it over >> nth=-1")
    await page.wait_for_url(f"**/alerts/{alert}")


async def test_taking_needs_no_javascript(browser: Browser, floor: Centre) -> None:
    """Filters, taking, and the page that comes: forms and links."""
    [alert] = await soon(fresh, floor, OAK_7)
    cookie = floor.cookie(OLIVE)
    context = await context_of(browser, floor.url, cookie=cookie, scripts=False, size=PHONE)
    watched = Watched(await context.new_page(), floor.url)
    await watched.goes("/?scheme=southside")
    assert await overflow(watched.page) == ""
    await watched.page.click(f"{row(alert)} [data-take]")
    await watched.page.wait_for_url(f"**/alerts/{alert}")
    await context.close()


async def test_pages_are_for_everybody(desk: Watched, floor: Centre) -> None:
    """On a phone at night, by day, on the wall: axe finds nothing, nothing sticks out."""
    page = desk.page
    await soon(fresh, floor, LARCH_14, OAK_2)
    for path, size, scheme in (
        ("/", PHONE, "dark"),
        ("/", DESKTOP, "light"),
        ("/board", DESKTOP, "dark"),
    ):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await desk.goes(path)
        await page.wait_for_selector(IS_LIVE)
        assert await axe(page) == []
        assert await overflow(page) == ""
    await page.emulate_media(color_scheme="light")
    assert desk.complaints == []
