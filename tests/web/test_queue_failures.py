"""The queue when reading fails, homes move, and stores come back: nothing missing, no ghosts."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from telecared.adapters.sqlite.console_feed import ConsoleFeed
from telecared.core.alert_commands import Resolved
from telecared.core.answers import Answered
from telecared.core.operators import Operator, Role
from telecared.core.queue import Standing
from telecared.core.vocabulary import MINUTE, Outcome, Priority
from telecared.errors import StoreError
from telecared.web import open_alerts, today
from telecared.web.hub import Hub, _Telling
from telecared.web.marks import Mark
from telecared.web.open_alerts import OpenAlerts
from telecared.web.registry import Registry
from telecared.web.rows import Wanted
from telecared.web.streams import Stream
from tests.engine.night import Night
from tests.web.centre import AUD, OLIVE, Centre
from tests.web.streaming import Listener, ends, fresh
from tests.web.test_open_alerts import HOMES, PLAN, faces, queue_of
from tests.web.town import LARCH_14, LARCH_16, OAK_1

END = Resolved(input=0, at=0, alert=1, by="Sue", outcome=Outcome.TEST)


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """A night of four homes; nothing of it is checked for soundness, which others do."""
    made = Night(tmp_path, plan=PLAN, homes=HOMES)
    made.sound_in_the_end = False
    return made


def fails_once(part: object, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next call of a method finds the database locked; those after it do not."""
    real: Callable[..., Any] = getattr(part, name)
    left = [1]

    def call(*given: Any) -> Any:  # noqa: ANN401 - whatever the method takes
        if left:
            left.pop()
            raise StoreError("the database is locked")
        return real(*given)

    monkeypatch.setattr(part, name, call)


@pytest.mark.parametrize("broken", ["states", "plan_content"])
async def test_a_first_look_that_fails_is_no_empty_queue(
    night: Night, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """The database is locked while it starts: an error, and everything at the next look."""
    async with night as it:
        await it.press(1)
        registry = Registry(it.path)
        fails_once(registry.store, broken, monkeypatch)
        queue = OpenAlerts(ConsoleFeed(it.path), registry, "a")
        with pytest.raises(StoreError):
            queue.refresh()
        queue.refresh()
        assert list(faces(queue)) == ["h001/1"]


async def test_an_alert_whose_home_could_not_be_read_comes_at_the_next_look(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed told of it, the read after it failed: it is not lost, and not half a minute late."""
    async with night as it:
        queue = queue_of(it)
        queue.refresh()
        await it.press(1)
        fails_once(queue._registry.store, "states", monkeypatch)
        with pytest.raises(StoreError):
            queue.refresh()
        queue.refresh()
        assert list(faces(queue)) == ["h001/1"]


async def test_a_home_that_cannot_be_read_hides_no_other_and_is_listed_itself(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state is damaged: what the table of alerts knows of it stands at the centre."""
    async with night as it:
        await it.press(1)
        await it.press(2)
        queue = queue_of(it)
        states = queue._registry.store.states
        monkeypatch.setattr(
            queue._registry.store, "states", lambda homes: states(homes) | {"h001": b"\xc1"}
        )
        queue.refresh()

        shown = {row.face.alert: row.face for row in queue.rows()}
        assert set(shown) == {"h001/1", "h002/1"}
        assert shown["h001/1"].standing is Standing.AT_CENTRE
        assert shown["h001/1"].priority is Priority.LIFE_SAFETY
        assert "cannot be read" in shown["h001/1"].why
        assert shown["h001/1"].address == "1 Larch Close"


async def test_a_forecast_that_breaks_hides_no_alert(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it reaches the centre cannot be told; that it is there can."""
    async with night as it:
        queue = queue_of(it)
        queue.refresh()
        await it.press(1)

        def breaks(*_: object) -> None:
            raise KeyError

        monkeypatch.setattr(open_alerts, "reaches_centre", breaks)
        with pytest.raises(KeyError):
            queue.refresh()
        queue.refresh()
        assert list(faces(queue)) == ["h001/1"]


async def test_a_store_put_back_in_place_is_read_anew(night: Night) -> None:
    """The same file holds an older record: its numbers begin again, and are followed."""
    async with night as it:
        await it.press(1)
        queue = queue_of(it)
        queue.refresh()
        queue._last += 10_000
        await it.press(2)
        for _ in range(open_alerts.RECHECK_LOOKS):
            queue.refresh()
        await it.press(3)
        queue.refresh()
        assert set(faces(queue)) == {"h001/1", "h002/1", "h003/1"}


async def test_a_console_without_open_streams_sees_a_restored_store_at_once(
    night: Night, tmp_path: Path
) -> None:
    """Pages without JavaScript open no stream: the first page that is loaded is of the new file."""
    async with night as it:
        await it.press(1)
        queue = queue_of(it)
        queue.refresh()
    (tmp_path / "other").mkdir()
    other = Night(tmp_path / "other", plan=PLAN, homes=HOMES)
    other.sound_in_the_end = False
    async with other as older:
        await older.press(2)
        await older.imports(replace(HOMES[1], address="2 Oak Way"))
    for one in night.path.parent.glob(f"{night.path.name}-*"):
        one.unlink()
    other.path.replace(night.path)
    queue.refresh()
    assert list(faces(queue)) == ["h002/1"]
    assert "2 Oak Way" in str(faces(queue))


async def test_a_home_that_moves_to_another_scheme_leaves_the_screens_of_the_first(
    night: Night,
) -> None:
    """Whoever may see it no more is told that it is gone, and the new scheme has it."""
    async with night as it:
        queue = queue_of(it)
        await it.press(1)
        mark = queue.refresh()
        first = HOMES[0].scheme
        await it.imports(replace(HOMES[0], scheme="elsewhere"))
        queue.refresh()
        news = queue.news(mark)
        assert [row.face.scheme for row in news.rows] == ["elsewhere"]
        assert [(one.home, one.n, one.scheme) for one in news.gone] == [("h001", 1, first)]


@pytest.mark.parametrize(
    ("schemes", "names"),
    [(None, ["row"]), (("northside",), ["gone"]), (("southside",), ["row"])],
    ids=["all", "old", "new"],
)
def test_what_has_gone_from_one_scheme_and_stands_in_another_is_told_by_who_looks(
    floor: Centre, schemes: tuple[str, ...] | None, names: list[str]
) -> None:
    """A row that is there is never followed by word that it has gone."""
    alert = fresh(floor, LARCH_14)[0]
    console = floor.console()
    queue = console.open_alerts
    before = queue.refresh()
    row = queue.row(*_key(alert))
    assert row is not None
    moved = row.face._replace(scheme="southside")
    queue._say_gone(row.face)
    queue._version += 1
    queue._rows[LARCH_14][row.face.n] = row._replace(face=moved, version=queue._version)

    operator = Operator(id=1, name=OLIVE, role=Role.OPERATOR, schemes=schemes)
    stream = Stream(operator, "", view="queue", wanted=Wanted(), seen=before)
    told = _Telling(console, console.hub._drawer, queue.mark, ()).to(stream).decode()
    events = [line.removeprefix("event: ") for line in told.splitlines() if "event: " in line]
    assert [name for name in events if name in {"row", "gone"}] == names


def _key(alert: str) -> tuple[str, int]:
    home, n = alert.rsplit("/", 1)
    return home, int(n)


def test_a_look_that_breaks_half_way_is_made_up_for_on_every_screen(
    floor: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three consoles, the second cannot be told now: nobody has lost the alert at the next look."""
    console = floor.console()
    sent: dict[int, bytes] = {}
    hub = Hub(console)

    def keep(chunks: Any) -> None:  # noqa: ANN401 - as the hub sends them
        for stream, chunk in chunks:
            sent[id(stream)] = sent.get(id(stream), b"") + chunk

    monkeypatch.setattr(hub, "_send", keep)
    olive = Operator(id=1, name=OLIVE, role=Role.OPERATOR)
    mark = console.open_alerts.refresh()
    streams = [Stream(olive, "", view="queue", wanted=Wanted(), seen=mark) for _ in range(3)]
    hub._tell(streams)
    alert = fresh(floor, LARCH_16)[0]
    to, left = _Telling.to, [1]

    def breaks(telling: _Telling, stream: Stream) -> bytes:
        if stream is streams[1] and left:
            left.pop()
            raise StoreError("the database is locked")
        return to(telling, stream)

    monkeypatch.setattr(_Telling, "to", breaks)
    with pytest.raises(StoreError):
        hub._tell(streams)
    hub._tell(streams)
    for stream in streams:
        assert sent[id(stream)].count(b'event: row\ndata: {"id":"%s"' % alert.encode()) == 1
        assert alert.encode() in sent[id(stream)].rpartition(b"event: alert")[2]


def test_a_console_that_restarts_tells_everything_and_announces_only_what_is_new(
    floor: Centre,
) -> None:
    """A home may have moved meanwhile, which is on no record: the whole list comes."""
    old, gone = fresh(floor, LARCH_14, OAK_1)
    console = floor.console()
    mark = console.open_alerts.refresh()
    ends(floor, gone)
    [new] = fresh(floor, LARCH_16)
    now = console.open_alerts.refresh()
    before = Mark(mark.record, "other", 3)
    olive = Operator(id=1, name=OLIVE, role=Role.OPERATOR)
    told = {}
    for view in ("queue", "bell"):
        stream = Stream(olive, "", view=view, wanted=Wanted(), seen=before)
        told[view] = _Telling(console, console.hub._drawer, now, ()).to(stream).decode()
    assert "event: list" in told["queue"]
    assert f'"{old}"' in told["queue"]
    assert f'"{gone}"' not in told["queue"]
    assert f'"{new}"' in told["bell"]
    assert f'"{old}"' not in told["bell"]


def test_what_changes_while_it_waits_is_not_called_new_again(floor: Centre) -> None:
    """Somebody is paged about an old alert: pages that do not show the queue stay quiet."""
    [alert] = fresh(floor, LARCH_14)
    console = floor.console()
    queue = console.open_alerts
    before = queue.refresh()
    row = queue.row(*_key(alert))
    assert row is not None
    queue._version += 1
    changed = row._replace(face=row.face._replace(paged=3), version=queue._version)
    queue._rows[LARCH_14][row.face.n] = changed
    olive = Operator(id=1, name=OLIVE, role=Role.OPERATOR)
    stream = Stream(olive, "", view="bell", wanted=Wanted(), seen=before)
    told = _Telling(console, console.hub._drawer, queue.mark, ()).to(stream)
    assert b"event: new" not in told


def test_a_wall_board_is_told_no_names_and_other_pages_only_on_record(floor: Centre) -> None:
    """Whoever passes by the board reads nothing; what a bell says aloud was read by somebody."""
    what = "SELECT count(*) FROM reads WHERE by = ? AND what LIKE '%as they come'"

    def reads(name: str) -> int:
        with sqlite3.connect(f"file:{floor.path}?mode=ro", uri=True) as connection:
            return int(connection.execute(what, (name,)).fetchone()[0])

    before = reads(AUD)
    with Listener(floor, AUD, query="view=board") as board:
        board.until_told()
        assert reads(AUD) == before
        with Listener(floor, AUD, query="view=bell") as bell:
            bell.until_told()
            assert reads(AUD) == before + 1
            fresh(floor, LARCH_14)
            bell.until(lambda: "Larch" in str([one.data for one in bell.named("new")]))
            board.until(lambda: board.named("alert"))
            assert "Larch" not in str([one.data for one in board.events])


async def test_a_clock_that_is_put_back_does_not_stop_the_day_s_count(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures are a minute old at most, and not as old as the clock was wrong."""
    counted: list[int] = []

    def count(_: Path, since: int, until: int) -> list[Answered]:
        counted.append(until)
        return []

    monkeypatch.setattr(today, "_answered", count)
    async with night as it:
        figures = today.Today(it.path, Registry(it.path))
        for wall in (1_000 * MINUTE, 1_000 * MINUTE + 1, 940 * MINUTE):
            figures.refresh(it.clock.at, wall)
    assert len(counted) == 2
