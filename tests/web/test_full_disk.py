"""On a full disk whoever answers alarms still sees them; what is read stands in the log instead."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from telecared.adapters.sqlite import CommandDesk
from telecared.core.operators import Role
from telecared.core.vocabulary import MINUTE
from telecared.errors import StoreFull
from tests.web.people_parts import IDS, NAMES, Site, opened


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A console."""
    with opened(tmp_path) as made:
        yield made


def test_the_queue_is_shown_although_nothing_can_be_stored(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault that only a full disk has, so that it is played here."""

    def full(*_: object, **__: object) -> int:
        raise StoreFull("the disk is full")

    olive = site.signed_in(NAMES[Role.OPERATOR])
    monkeypatch.setattr(CommandDesk, "log_read", full)
    structlog.reset_defaults()

    with structlog.testing.capture_logs() as logs:
        page = olive.get("/")

    assert page.status_code == 200
    told = [line for line in logs if line["event"] == "read.not_stored"]
    assert [line["operator"] for line in told] == [IDS[NAMES[Role.OPERATOR]]]
    assert NAMES[Role.OPERATOR] not in str(told)


def test_a_hand_that_cannot_be_noted_keeps_nobody_from_an_alarm(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session holds; that it was used is noted when there is room again."""
    olive = site.signed_in(NAMES[Role.OPERATOR])
    site.now += MINUTE

    def full(*_: object, **__: object) -> None:
        raise StoreFull("the disk is full")

    monkeypatch.setattr(site.accounts._file, "writing", full)

    assert olive.get("/").status_code == 200
