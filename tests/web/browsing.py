"""A browser for tests: one Chromium, a context for each way of looking, axe, and what a page did.

Playwright's asynchronous half runs on the session's event loop; a test says `pytestmark =
IN_BROWSER` for that. The pages' content security policy stays as it is: axe comes in as a
debugger would bring it.
"""

import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page

IN_BROWSER: Final = pytest.mark.asyncio(loop_scope="session")

FLAGS: Final = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-features=Translate,OptimizationHints,MediaRouter,AutofillServerCommunication",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
)
"""A browser that asks nobody anything."""

DESKTOP: Final[tuple[int, int]] = (1280, 800)
PHONE: Final[tuple[int, int]] = (390, 844)

WCAG: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
COLOURS: Final = ("color-contrast", "link-in-text-block")
SMALL: Final = ("target-size", "scrollable-region-focusable", "meta-viewport")

PATIENCE_MS: Final = 15_000
"""Only a failing test waits so long; a busy machine must not make one fail."""

SESSION_COOKIE: Final = "tc-session"


def chromium() -> str:
    """Where Chromium is, or skip."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is missing: apt-get install chromium")
    return found


class Watched:
    """A page, and what it did that no page may do.

    Attributes:
        complaints: errors of the console, of scripts, and refusals by the policy.
        strangers: requests to another host.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        host = urlsplit(url).netloc
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "request",
            lambda asked: (
                self.strangers.append(asked.url)
                if urlsplit(asked.url).netloc not in ("", host)
                else None
            ),
        )

    async def goes(self, path: str) -> int:
        """Open a path of the console; return the answer's status."""
        answer = await self.page.goto(self.url + path, wait_until="load")
        assert answer is not None
        return answer.status


async def context_of(
    browser: Browser,
    url: str,
    *,
    cookie: str = "",
    size: tuple[int, int] = DESKTOP,
    dark: bool = False,
    scripts: bool = True,
) -> BrowserContext:
    """A fresh browser of one person: its window, their session, light or dark."""
    is_phone = size == PHONE
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        has_touch=is_phone,
        is_mobile=is_phone,
        device_scale_factor=2 if is_phone else 1,
        locale="en-GB",
    )
    context.set_default_timeout(PATIENCE_MS)
    if cookie:
        await context.add_cookies(
            [{"name": SESSION_COOKIE, "value": cookie, "url": url, "httpOnly": True}]
        )
    return context


@cache
def axe_source() -> str:
    """The text of axe-core, as its package brings it."""
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        pytest.skip("axe is missing: pip install axe-playwright-python")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


async def axe(page: Page, *, rules: tuple[str, ...] = ()) -> list[str]:
    """What axe finds against WCAG 2.2 AA, one sentence each; `rules` for some rules only."""
    if not await page.evaluate("() => Boolean(window.axe)"):
        session = await page.context.new_cdp_session(page)
        await session.send("Runtime.evaluate", {"expression": axe_source()})
        await session.detach()
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
    found: dict[str, Any] = await page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only
    )
    return [
        f"{each['id']}: {each['help']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


async def overflow(page: Page) -> str:
    """What sticks out of the window on the right, "" when nothing does."""
    found: str = await page.evaluate(
        """() => {
          const root = document.documentElement;
          if (root.scrollWidth <= root.clientWidth) return "";
          const wide = [...document.body.querySelectorAll("*")].filter(
            (one) => one.getBoundingClientRect().right > root.clientWidth + 1);
          return `${root.scrollWidth} > ${root.clientWidth}: ` +
            wide.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)).join(" | ");
        }"""
    )
    return found
