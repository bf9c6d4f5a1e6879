"""The console as a part of a process: it waits, comes back, stops at once, and ends no other."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from telecared.accounts_port import Draft
from telecared.adapters.console_db import ConsoleDb, console_path
from telecared.adapters.entropy import salt
from telecared.adapters.sqlite import back_up
from telecared.adapters.system_clock import EngineClock, wall_now
from telecared.config.deployment import Deployment, load_deployment
from telecared.core.events import SITE
from telecared.core.machinery import technical_key
from telecared.core.operators import Role
from telecared.core.vocabulary import DAY
from telecared.shard import open_shard
from telecared.web import serve
from telecared.web.console import Console, build_app
from telecared.web.serve import DOWN, ConsoleServer, console_parts
from tests.web.centre import CHEAP, PASSWORD, Centre
from tests.web.town import DEPLOYMENT, LARCH_12, town

PATIENCE = 10.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails is tried again at once."""
    monkeypatch.setattr(serve, "AGAIN_SECONDS", 0.05)


@pytest.fixture(scope="module")
def store(quiet_logs: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which an alarm stands, and no engine any more."""
    made = Centre(tmp_path_factory.mktemp("store")).opened()
    made.presses(LARCH_12)
    made.close()
    return made.path


def deployed(folder: Path, store: Path | None = None, listen: str = "127.0.0.1:0") -> Deployment:
    """A deployment in a folder of its own, with a copy of a store."""
    path = folder / "telecared.yaml"
    text = DEPLOYMENT.replace('listen: "127.0.0.1:0"', f'listen: "{listen}"')
    path.write_text(text.replace('devices: ["{native}"]', ""), encoding="utf-8")
    if store is not None:
        back_up(store, folder / "telecared.db")
    return load_deployment(path)


@asynccontextmanager
async def serving(server: ConsoleServer) -> AsyncIterator["asyncio.Task[None]"]:
    """A console that is served in the background."""
    task = asyncio.create_task(server.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def started(server: ConsoleServer) -> str:
    """Wait until it is served, and return where."""
    async with asyncio.timeout(PATIENCE):
        await server.started.wait()
    return f"http://127.0.0.1:{server.port}"


async def until(told: list[bool], answer: list[bool]) -> None:
    """Wait until as much was told."""
    async with asyncio.timeout(PATIENCE):
        while told != answer:
            await asyncio.sleep(0.01)


async def test_a_console_in_which_nobody_can_sign_in_says_how_the_first_one_is_made(
    tmp_path: Path, store: Path
) -> None:
    """It is served all the same; once somebody is there it says so no more."""
    deployment = deployed(tmp_path, store)
    server = ConsoleServer(deployment)
    async with serving(server):
        url = await started(server)
        async with httpx.AsyncClient(base_url=url, follow_redirects=True) as browser:
            before = await browser.get("/")
            add_operator(deployment)
            after = await browser.get("/")
    assert "telecared operator add" in before.text
    assert after.status_code == 200
    assert "telecared operator add" not in after.text


def add_operator(deployment: Deployment) -> tuple[str, str]:
    """Make an operator, and return a session of theirs and a token of their system."""
    accounts = ConsoleDb(console_path(deployment.store_path), chance=salt, hasher=CHEAP)
    now = wall_now()
    draft = Draft(name="Olive Operator", role=Role.OPERATOR)
    accounts.add(draft, PASSWORD, must_change=False, by=None, now=now)
    came = accounts.sign_in(draft.name, PASSWORD, address="", browser="", now=now)
    system = Draft(name="County desk", role=Role.OPERATOR)
    _, token = accounts.add_token(system, lasts=DAY, by=None, now=now)
    accounts.close()
    return came.token, token


async def test_a_console_waits_for_a_store_that_is_not_there_yet(
    tmp_path: Path, store: Path
) -> None:
    """It makes none itself; as soon as the daemon has made one it is served."""
    server = ConsoleServer(deployed(tmp_path))
    async with serving(server):
        await asyncio.sleep(0.2)
        assert not server.started.is_set()
        assert not list(tmp_path.glob("*.db"))
        back_up(store, tmp_path / "telecared.db")
        url = await started(server)
        async with httpx.AsyncClient(base_url=url) as browser:
            assert (await browser.get("/sign-in")).status_code == 200


async def test_a_port_that_is_taken_is_told_once_and_tried_until_it_is_free(
    tmp_path: Path, store: Path
) -> None:
    """Whoever is told hears of the beginning and of the end, not of every try."""
    told: list[bool] = []

    async def hear(fails: bool) -> None:
        told.append(fails)

    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        server = ConsoleServer(deployed(tmp_path, store, listen), told=hear)
        async with serving(server) as task:
            await until(told, [True])
            await asyncio.sleep(0.2)
            assert told == [True]
            assert not task.done()
            other.close()
            await started(server)
            await until(told, [True, False])


async def test_the_daemons_engine_hears_that_its_console_cannot_be_served(
    tmp_path: Path, store: Path
) -> None:
    """As a technical finding, which ends when it can; a deployment may leave the console out."""
    key = technical_key(DOWN, "")
    with socket.create_server(("127.0.0.1", 0)) as other:
        deployment = deployed(tmp_path, store, f"127.0.0.1:{other.getsockname()[1]}")
        loaded, _ = town()
        async with open_shard(deployment, clock_from=EngineClock, loaded=loaded) as shard:
            engine = asyncio.create_task(shard.engine.run())
            [(_, run)] = console_parts(deployment, shard)
            part = asyncio.create_task(run())
            async with asyncio.timeout(PATIENCE):
                while key not in shard.engine.homes.states[SITE].pending:
                    await asyncio.sleep(0.01)
                other.close()
                while key in shard.engine.homes.states[SITE].pending:
                    await asyncio.sleep(0.01)
            assert not part.done()
            part.cancel()
            await asyncio.wait({part})
            alone = deployment.console.model_copy(update={"with_daemon": False})
            assert not console_parts(deployment.model_copy(update={"console": alone}), shard)
            shard.engine.stop()
            await engine


async def test_what_nobody_expected_is_tried_again_like_everything_else(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect in a view must not take alarms with it."""
    tries: list[Console] = []

    def fails_once(console: Console) -> Starlette:
        tries.append(console)
        if len(tries) == 1:
            raise ZeroDivisionError
        return build_app(console)

    monkeypatch.setattr(serve, "build_app", fails_once)
    server = ConsoleServer(deployed(tmp_path, store))
    async with serving(server):
        await started(server)
    assert len(tries) == 2


async def test_it_stops_at_once_with_a_stream_open_and_a_page_that_waits(
    tmp_path: Path, store: Path
) -> None:
    """The stream ends; the page says that the command is kept and not carried out."""
    deployment = deployed(tmp_path, store)
    session, token = add_operator(deployment)
    server = ConsoleServer(deployment)
    answers: list[int] = []
    async with serving(server) as task:
        url = await started(server)

        def takes() -> None:
            bearer = {"Authorization": f"Bearer {token}"}
            address = f"{url}/api/v1/alerts/{LARCH_12}/1/take"
            answers.append(httpx.post(address, headers=bearer).status_code)

        async with (
            httpx.AsyncClient(base_url=url, cookies={"tc-session": session}) as browser,
            browser.stream("GET", "/live") as stream,
        ):
            assert stream.status_code == 200
            waiting = threading.Thread(target=takes)
            waiting.start()
            await asyncio.sleep(0.5)
            began = time.monotonic()
            task.cancel()
            await asyncio.wait({task})
            took = time.monotonic() - began
        await asyncio.to_thread(waiting.join)
    assert took < 2
    assert answers == [202]
