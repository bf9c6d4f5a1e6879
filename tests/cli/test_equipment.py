"""`devices` and `walk-test` beside a store, without a daemon."""

from pathlib import Path

from telecared.adapters.system_clock import wall_now
from telecared.core.vocabulary import DAY
from telecared.core.windows import rfc3339
from tests.cli.conftest import Call, Hear

HALL = "telecare/northside/larch-12/hall"


def test_devices_are_listed_with_what_they_told_of_themselves(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Last heard, battery, link, by when a test is due; a device that never spoke says so."""
    hear(HALL, b'{"motion": "detected", "battery": 81, "link": "online", "radio": "weak"}')
    found = {one["device"]: one for one in call("devices", "larch-12", "--json").objects}
    hall, pendant = found["hall"], found["pendant"]
    assert list(found) == ["pendant", "watch", "hall"]
    assert (hall["battery"], hall["link"], hall["radio"]) == (81.0, "online", "weak")
    assert str(hall["heard_at"]) <= rfc3339(wall_now())
    assert hall["test_by"] is None
    assert pendant["heard_at"] is None
    assert rfc3339(wall_now() + 34 * DAY) < str(pendant["test_by"])
    assert not any(one["silent_too_long"] or one["test_overdue"] for one in found.values())
    table = call("devices", "larch-12").out
    assert "81 %" in table
    assert "never" in table
    assert call("devices", "--overdue").out.startswith("nothing is overdue")
    assert len(call("devices", "--json").objects) == 4


def test_an_alert_about_a_device_needs_attention(registered: Path, call: Call, hear: Hear) -> None:
    """It is listed under --overdue with the alert, and the exit code says that there is one."""
    hear("telecare/northside/larch-12/watch", b'{"fall": "detected", "tamper": "open"}')
    said = call("devices", "--overdue")
    assert said.code == 1
    assert "larch-12/1" in said.out
    assert "tamper: open" in said.out
    (one,) = call("devices", "--overdue", "--json").objects
    assert one["device"] == "watch"
    assert "larch-12/1" in str(one["alerts"])


def test_an_unknown_home_is_refused_with_a_remedy(registered: Path, call: Call) -> None:
    """By both commands."""
    assert "there is no home elm-1" in call("devices", "elm-1").err
    assert "there is no home elm-1" in call("walk-test", "elm-1", "--by", "Ivy Cole").err


def test_a_walk_test_needs_a_running_daemon(registered: Path, call: Call) -> None:
    """Nothing would be heard; nothing is begun."""
    said = call("walk-test", "larch-12", "--by", "Ivy Cole")
    assert said.code == 2
    assert "no daemon is running" in said.err


def test_rules_must_be_in_force_before_devices_can_be_judged(site: Path, call: Call) -> None:
    """An empty folder has no store at all."""
    assert "there is no database" in call("devices").err


MANY = """\
homes:
  - id: larch-12
    scheme: northside
    resident: {name: Mrs Ada Hall}
    devices:
      - {id: old, kind: smoke_detector, topic: t/kitchen, installed: 2020-01-01,
         removed: 2021-01-01}
      - {id: new, kind: smoke_detector, topic: t/kitchen, installed: 2021-01-01}
      - {id: planned, kind: smoke_detector, topic: t/hall, installed: 2090-01-01}
"""


def test_devices_of_a_large_home_and_of_one_that_is_deleted(registered: Path, call: Call) -> None:
    """Hundreds are listed, what was removed is not, and a deleted home has none."""
    rooms = "".join(f"      - {{id: pir-{n}, kind: activity_detector}}\n" for n in range(300))
    (registered / "homes.yaml").write_text(MANY + rooms, encoding="utf-8")
    assert call("import", "homes.yaml", "--replace", "--yes", "--by", "Ann Lee").code == 0
    names = [one["device"] for one in call("devices", "larch-12", "--json").objects]
    assert len(names) == 302
    assert names[:2] == ["new", "planned"]
    assert "no home larch-14" in call("devices", "larch-14").err
    assert len(call("devices", "--json").objects) == 302
