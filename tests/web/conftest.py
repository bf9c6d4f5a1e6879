"""What the tests of the console share: a centre at work, one browser, and people signed in.

One centre and one browser for a whole session, because starting them is what costs. A test that
changes what others see makes an alert of its own first (`centre.presses`), or asks for
`own_centre`.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import pytest_asyncio
import structlog
from playwright.async_api import Browser, async_playwright

from tests.web.browsing import DESKTOP, FLAGS, PHONE, Watched, chromium, context_of
from tests.web.centre import OLIVE, Centre
from tests.web.history import evening

IN_MEMORY = Path("/dev/shm")

OpenPage = Callable[..., Awaitable[Watched]]


def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None)


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> Iterator[None]:
    """What is shown is told by pages, not by log lines."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def centre(quiet_logs: None) -> Iterator[Centre]:
    """A monitoring centre after three in the morning, with a night behind it, which goes on."""
    with _folder() as name:
        made = Centre(Path(name)).opened(evening)
        yield made
        made.close()


@pytest.fixture(scope="module")
def floor(quiet_logs: None) -> Iterator[Centre]:
    """A centre without a history, of one file's stories: they may stop its engine, leap in time."""
    with _folder() as name:
        made = Centre(Path(name)).opened()
        yield made
        made.close()


@pytest.fixture
def own_centre(quiet_logs: None) -> Iterator[Centre]:
    """A centre of the test's own, without a history: for what would disturb others."""
    with _folder() as name:
        made = Centre(Path(name)).opened()
        yield made
        made.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests of this process."""
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield found
        await found.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, centre: Centre) -> AsyncIterator[OpenPage]:
    """Opens pages in browsers of their own: `open_page(OLIVE, size=PHONE, dark=True)`, awaited."""
    async with AsyncExitStack() as stack:

        async def made(name: str = "", *, of: Centre = centre, **looks: Any) -> Watched:  # noqa: ANN401 - as context_of takes them
            cookie = of.cookie(name) if name else ""
            context = await context_of(browser, of.url, cookie=cookie, **looks)
            stack.push_async_callback(context.close)
            return Watched(await context.new_page(), of.url)

        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def page_desktop(open_page: OpenPage) -> Watched:
    """An operator's window, signed in."""
    return await open_page(OLIVE, size=DESKTOP)


@pytest_asyncio.fixture(loop_scope="session")
async def page_phone(open_page: OpenPage) -> Watched:
    """An operator's phone, signed in."""
    return await open_page(OLIVE, size=PHONE)
