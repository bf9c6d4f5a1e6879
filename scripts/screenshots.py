#!/usr/bin/env python3
"""Take the console's pictures for the README: docs/console-*.png, from the tests' own centre.

Run it from anywhere, with the environment of `scripts/setup dev`; it needs Debian's chromium. Every
name, address and number in the pictures is made up.
"""

import asyncio
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import structlog
from playwright.async_api import Browser, async_playwright

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))

from telecared.adapters.sqlite import SqliteReader  # noqa: E402 - found beside this script
from telecared.core.links import token_of  # noqa: E402
from tests.web.browsing import DESKTOP, FLAGS, PHONE, chromium, context_of  # noqa: E402
from tests.web.centre import OLIVE, SECRET, Centre  # noqa: E402
from tests.web.history import evening  # noqa: E402
from tests.web.town import LARCH_12  # noqa: E402

DOCS = TOP / "docs"
SETTLES_MS = 800
"""Until fonts, plots and the first words of the live stream stand."""


class Picture(NamedTuple):
    """One file: which page, for whom, how large, light or dark."""

    name: str
    path: str
    who: str = OLIVE
    size: tuple[int, int] = DESKTOP
    dark: bool = False


def pictures(centre: Centre) -> list[Picture]:
    """What is taken: the newest alert of Mrs Hall, her evening, and the phone of her son."""
    alert = centre.alerts(LARCH_12)[0]
    sent = SqliteReader(centre.path).evidence_of(alert.home, alert.n)
    link = next(one.id for one in sent if one.channel == "sms" and one.to == "ben")
    return [
        Picture("queue", "/"),
        Picture("queue-dark", "/", dark=True),
        Picture("alert", f"/alerts/{alert.home}/{alert.n}", size=(1280, 1500)),
        Picture("resident", f"/homes/{LARCH_12}/resident/day?on=2026-03-09", size=(1280, 900)),
        Picture("phone", f"/r/{token_of(SECRET, link)}", who="", size=PHONE),
    ]


async def take(browser: Browser, centre: Centre, picture: Picture) -> None:
    """Take one picture."""
    cookie = centre.cookie(picture.who) if picture.who else ""
    context = await context_of(
        browser, centre.url, cookie=cookie, size=picture.size, dark=picture.dark
    )
    page = await context.new_page()
    answer = await page.goto(centre.url + picture.path)
    if answer is None or not answer.ok:
        sys.exit(f"screenshots: {picture.path} was not shown; open it in a browser and see why")
    sound = page.locator("#sound")
    if await sound.is_visible():
        await sound.click()  # as operators do at the beginning of a shift
    await page.wait_for_timeout(SETTLES_MS)
    await page.screenshot(path=DOCS / f"console-{picture.name}.png")
    await context.close()


async def main() -> None:
    """Let a centre run and take every picture."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with TemporaryDirectory() as folder:
        centre = Centre(Path(folder)).opened(evening)
        try:
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=chromium(), args=list(FLAGS)
                )
                for picture in pictures(centre):
                    await take(browser, centre, picture)
                await browser.close()
        finally:
            centre.close()


if __name__ == "__main__":
    asyncio.run(main())
