"""`preview` as people and scripts use it: from files, and from the store."""

from pathlib import Path

from telecared.sim.lines import ReplayLine
from tests.cli.conftest import Call, Hear

ASKED = ("preview", "larch-12", "fall at 02:10 on Sunday", "--homes", "homes.yaml")


def test_people_read_who_is_told_and_when_it_reaches_the_centre(site: Path, call: Call) -> None:
    """In the home's local time, step by step."""
    said = call(*ASKED)

    assert said.code == 0
    assert "fall (life_safety) at larch-12, Sun" in said.out
    assert "step 1 of family-then-centre: ben" in said.out
    assert "as asked: fall: detected" in said.out
    assert "It reaches the monitoring centre after" in said.out
    assert "when nobody answers there: nobody else is paged" in said.out
    watched = call("preview", "larch-12", "sensor-stuck at 02:10", "--homes", "homes.yaml")
    assert "nobody is told:" in watched.out


def test_scripts_read_the_lines_of_a_replay(site: Path, call: Call) -> None:
    """Twice the same to the byte, and as the schema says."""
    said = call(*ASKED, "--json")

    assert all(list(line) == list(ReplayLine.__struct_fields__) for line in said.objects)
    assert said.out == call(*ASKED, "--json").out
    assert "ReplayLine" in str(call("schema", "--output", "preview").objects[0])


def test_phones_and_a_length_can_be_given(site: Path, call: Call) -> None:
    """With a carer who answers, the centre is left alone."""
    (site / "phones.yaml").write_text('ben: {reply: "{code}", after: 40s}\n', encoding="utf-8")

    said = call(*ASKED, "--phones", "phones.yaml", "--for", "5m", "--json")

    events = [(line["event"], line["to"]) for line in said.objects]
    assert ("alert.acknowledged", "ben") in events
    assert ("notification.queued", "monitoring_centre") not in events


def test_slips_are_sentences(site: Path, call: Call) -> None:
    """What is asked, the home, and a store that is not there."""
    for arguments, sentence in (
        (("preview", "larch-12", "at 02:10", "--homes", "homes.yaml"), "does not say what happens"),
        (("preview", "larch-12", "motion", "--homes", "homes.yaml"), "'motion' may mean"),
        (("preview", "oak-1", "fall", "--homes", "homes.yaml"), "there is no home oak-1"),
        (("preview", "larch-12", "bathroom-long", "--homes", "homes.yaml"), "is not in force in"),
    ):
        said = call(*arguments)
        assert (said.code, said.out) == (2, "")
        assert sentence in said.err
    assert call("preview", "larch-12", "fall").code == 1


def test_what_the_store_knows_of_the_home_counts(registered: Path, call: Call, hear: Hear) -> None:
    """A silence that runs holds it back; a fall joins the one that is open."""
    hear("telecare/northside/larch-12/hall", b'{"motion": "detected"}')
    hear("telecare/northside/larch-12/watch", b'{"fall": "detected"}')
    call("silence", "larch-12", "--rule", "no-movement", "--for", "2d", "--by", "Ann Lee")

    held = call("preview", "larch-12", "no-movement", "--by", "Ann Lee")
    fall = call("preview", "larch-12", "fall", "--json")

    assert "nobody is told:" in held.out
    assert "held back: silenced by Ann Lee" in held.out
    assert fall.objects[0]["event"] == "alert.repeated"
