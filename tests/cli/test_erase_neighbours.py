"""Erasing one home leaves its neighbours whole, and its id is not used again."""

from pathlib import Path

from telecared.adapters.sqlite import verify
from telecared.cli.keeping import alerts_of_state
from telecared.forgetting import is_about
from tests.cli.conftest import Call, Hear
from tests.cli.test_erase import ERASE, busy_site, open_alerts


def test_the_id_of_an_erased_home_is_not_used_again(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Alerts and messages of a second larch-12 would bear the ids of the first: it is refused.

    The neighbours go on as before, and an import without it is carried out.
    """
    busy_site(call, hear)
    assert call(*ERASE).code == 0

    refused = call("import", "homes.yaml", "--by", "Ann Lee")
    homes = registered / "homes.yaml"
    homes.write_text(homes.read_text().replace("id: larch-12", "id: larch-12b"), encoding="utf-8")
    imported = call("import", "homes.yaml", "--by", "Ann Lee")
    hear("telecare/northside/larch-12b/watch", b'{"fall": "detected"}')

    assert refused.code == 1
    assert "larch-12 was removed by command" in refused.err
    assert "its id is not used again: choose another id" in refused.err
    assert imported.code == 0, imported.err
    assert "larch-12b/1" in open_alerts(call)
    assert verify(registered / "telecared.db", alerts_of_state=alerts_of_state).problems == []


def test_a_neighbour_whose_id_begins_alike_is_left_alone(
    registered: Path, call: Call, hear: Hear
) -> None:
    """What the scheme was told of larch-121, in 112 Larch Close, is not larch-12's."""
    homes = registered / "homes.yaml"
    text = homes.read_text().replace("larch-14", "larch-121").replace("14 Larch", "112 Larch")
    homes.write_text(text, encoding="utf-8")
    assert call("import", "homes.yaml", "--by", "Ann Lee").code == 0
    hear("telecare/northside/larch-121/kettle", b'{"note": "112 Larch Close"}')
    before = {line for line in call("alerts", "--by", "Ann Lee").lines if "@" in line}

    said = call(*ERASE)

    assert before
    assert said.code == 0, said.err
    assert {line for line in call("alerts", "--by", "Ann Lee").lines if "@" in line} == before
    told = call("events", "--by", "Ann Lee", "--json").out
    assert "112 Larch Close" in told
    assert call("verify").code == 0


def test_a_finding_about_another_home_is_not_taken_for_this_one() -> None:
    """A device of larch-121 that speaks elsewhere neither keeps larch-12 nor goes with it."""
    topics = ("/larch-12/", "northside/larch-12")

    assert is_about("larch-12", topics, "wrong-home-alarm pendant of larch-12, heard in larch-3")
    assert is_about("larch-12", topics, "unknown-device northside/larch-12")
    assert not is_about("larch-12", topics, "wrong-home-alarm pendant of larch-121")
    assert not is_about("larch-12", topics, "unknown-device northside/larch-12b/kettle")
