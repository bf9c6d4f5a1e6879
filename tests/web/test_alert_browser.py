"""The page of an alert in a browser: by keyboard, live, on a phone, and without JavaScript."""

import asyncio

from playwright.async_api import Page, expect

from telecared.core.alert_commands import Acknowledged, Resolved, Updated
from telecared.core.events import StoredEvent
from telecared.core.vocabulary import AlertState, Outcome, Progress
from telecared.store_port import AlertRow, CommandResult
from tests.web.alert_desk import fresh
from tests.web.browsing import DESKTOP, IN_BROWSER, PHONE, Watched, axe, overflow
from tests.web.centre import OLIVE, OMAR, Centre
from tests.web.conftest import OpenPage
from tests.web.town import LARCH_12

pytestmark = IN_BROWSER


async def pressed(centre: Centre) -> AlertRow:
    """Mrs Hall presses her pendant, which must not hold up the browser."""
    return await asyncio.to_thread(fresh, centre, LARCH_12)


async def orders(centre: Centre, event: StoredEvent) -> CommandResult:
    """Somebody does something elsewhere."""
    return await asyncio.to_thread(centre.orders, event, LARCH_12)


def is_well(watched: Watched) -> bool:
    """Whether a page did nothing that no page may do."""
    return watched.complaints == [] and watched.strangers == []


async def at_alert(
    open_page: OpenPage,
    alert: AlertRow,
    *,
    size: tuple[int, int] = DESKTOP,
    dark: bool = False,
    scripts: bool = True,
) -> tuple[Watched, Page]:
    """Open an alert's page."""
    watched = await open_page(OLIVE, size=size, dark=dark, scripts=scripts)
    assert await watched.goes(f"/alerts/{alert.alert}") == 200
    return watched, watched.page


async def test_an_operator_takes_and_resolves_it_by_keyboard_alone(
    centre: Centre, open_page: OpenPage
) -> None:
    """One key takes it, one leads to how it ended; the page says done when the engine has."""
    alert = await pressed(centre)
    watched, page = await at_alert(open_page, alert)
    await page.keyboard.press("t")
    await expect(page.locator("#part-notice")).to_contain_text("You have it.")
    await expect(page.locator("#part-head")).to_contain_text("Keep it longer")
    await page.keyboard.press("r")
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.locator("#part-head")).to_contain_text("Resolved by")

    assert centre.alert(LARCH_12, alert.n).outcome is Outcome.ASSISTANCE_GIVEN
    assert is_well(watched)


async def test_what_others_do_is_shown_without_disturbing_whoever_types(
    centre: Centre, open_page: OpenPage
) -> None:
    """The page follows the alert; a half-written note and the cursor in it stay."""
    alert = await pressed(centre)
    watched, page = await at_alert(open_page, alert)
    await page.locator("#details-message summary").click()
    note = page.locator("#f-note-note")
    await note.press_sequentially("She says that")
    await orders(centre, Acknowledged(input=0, at=0, alert=alert.n, by=OMAR))
    told = Updated(input=0, at=0, alert=alert.n, by=OMAR, progress=Progress.NOTE, note="rang twice")
    await orders(centre, told)
    await expect(page.locator("#part-head")).to_contain_text(f"{OMAR} has it")
    await expect(page.locator("#part-log")).to_contain_text("rang twice")
    await note.press_sequentially(" she fell")

    assert await note.input_value() == "She says that she fell"
    assert await page.locator("#details-message").get_attribute("open") is not None
    assert is_well(watched)


async def test_an_act_keeps_what_was_typed_into_another_form(
    centre: Centre, open_page: OpenPage
) -> None:
    """Somebody writes a note, the phone rings, and they press `no answer` meanwhile."""
    alert = await pressed(centre)
    _, page = await at_alert(open_page, alert)
    await page.locator("#f-note-note").fill("She says that")
    await page.get_by_role("button", name="Ben Hall: no answer").click()
    await expect(page.locator("#part-notice")).to_contain_text("The call is on record.")
    await expect(page.locator("#part-people")).to_contain_text("nobody answered when")

    assert await page.locator("#f-note-note").input_value() == "She says that"


async def test_what_was_refused_is_said_in_place_and_the_form_stays(
    centre: Centre, open_page: OpenPage
) -> None:
    """Without an outcome nothing ends; the sentence leads to the field."""
    alert = await pressed(centre)
    _, page = await at_alert(open_page, alert)
    await page.locator("#f-resolve-note").fill("It was the cat.")
    await page.locator("#resolve button").click()
    await expect(page.locator("#problems")).to_contain_text("Say how it ended.")

    assert await page.locator("#f-resolve-note").input_value() == "It was the cat."
    assert await page.locator("#problems a").get_attribute("href") == "#f-resolve-outcome"
    assert centre.alert(LARCH_12, alert.n).state is AlertState.OPEN


async def test_the_code_stays_while_it_is_read_out_and_is_gone_afterwards(
    centre: Centre, open_page: OpenPage
) -> None:
    """What happens meanwhile does not hide it; the page loaded anew does."""
    alert = await pressed(centre)
    _, page = await at_alert(open_page, alert)
    await page.locator("#act-access").click()
    await expect(page.locator("#part-access")).to_contain_text("4710")
    await orders(centre, Acknowledged(input=0, at=0, alert=alert.n, by=OMAR))
    await expect(page.locator("#part-head")).to_contain_text(f"{OMAR} has it")
    await expect(page.locator("#part-access")).to_contain_text("4710")
    await page.reload()

    await expect(page.locator("#part-access")).not_to_contain_text("4710")


async def test_everything_essential_works_without_javascript(
    centre: Centre, open_page: OpenPage
) -> None:
    """On a phone: take it, ring somebody, write a note, end it."""
    alert = await pressed(centre)
    watched, page = await at_alert(open_page, alert, size=PHONE, scripts=False)
    notice = page.locator("#part-notice")
    await page.locator("#act-take").click()
    await expect(notice).to_contain_text("You have it.")
    await page.get_by_role("button", name="Ben Hall answered").click()
    await expect(notice).to_contain_text("The call is on record.")
    await page.locator("#f-note-note").fill("Ben drives there.")
    await page.get_by_role("button", name="Write a note").click()
    await expect(page.locator("#part-log")).to_contain_text("Ben drives there.")
    await page.get_by_label("Assistance given").check()
    await page.get_by_role("button", name="Resolve", exact=True).click()
    await expect(notice).to_contain_text("It is resolved.")

    assert centre.alert(LARCH_12, alert.n).state is AlertState.RESOLVED
    assert is_well(watched)


async def test_it_is_legible_on_a_phone_with_everything_opened(
    centre: Centre, open_page: OpenPage
) -> None:
    """WCAG 2.2 AA, and nothing sticks out; the page as it comes is held to it with all others."""
    alert = await pressed(centre)
    watched, page = await at_alert(open_page, alert, size=PHONE)
    await page.evaluate(
        "document.querySelectorAll('#alert details').forEach((one) => { one.open = true; })"
    )

    assert await axe(page) == []
    assert await overflow(page) == ""
    assert is_well(watched)


async def test_a_key_held_down_or_a_double_click_escalates_once(
    centre: Centre, open_page: OpenPage
) -> None:
    """A press that trembles tells one more step, not the whole ladder."""
    alert = await pressed(centre)
    _, page = await at_alert(open_page, alert)
    notice = page.locator("#part-notice")
    await page.keyboard.down("e")
    await expect(notice).to_contain_text("The next step is told now.")
    await page.keyboard.down("e")
    await page.locator("#act-escalate").click()
    await page.locator("#f-note-note").fill("It was pressed once.")
    await page.get_by_role("button", name="Write a note").click()
    await expect(page.locator("#part-log")).to_contain_text("It was pressed once.")

    assert centre.alert(LARCH_12, alert.n).step == alert.step + 1


async def test_when_somebody_else_ends_it_nothing_more_can_be_done(
    centre: Centre, open_page: OpenPage
) -> None:
    """The forms go, but for one in which a sentence stands that is nowhere else."""
    alert = await pressed(centre)
    watched, page = await at_alert(open_page, alert)
    await page.locator("#f-note-note").fill("She says that")
    ended = Resolved(input=0, at=0, alert=alert.n, by=OMAR, outcome=Outcome.ASSISTANCE_GIVEN)
    await orders(centre, ended)
    await expect(page.locator("#part-head")).to_contain_text("Resolved by")
    await expect(page.locator("#resolve")).to_have_count(0)

    assert await page.locator("#f-note-note").input_value() == "She says that"
    assert is_well(watched)
