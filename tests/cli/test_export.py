"""Everything that is held about a home, as its resident may ask for it."""

import asyncio
import sqlite3
import stat
import zipfile
from pathlib import Path

import msgspec

from telecared.adapters.system_clock import EngineClock
from telecared.config.deployment import load_deployment
from telecared.ports import InboundSms
from telecared.shard import open_shard
from tests.cli.conftest import Call, Hear

FALL = ("telecare/northside/larch-12/watch", b'{"fall": "detected", "note": "teatime-word"}')
EXPORT = ("export", "larch-12", "--to", "larch.zip", "--by", "Ann Lee")


def held(file: Path) -> tuple[dict[str, object], str]:
    """The two parts of an export."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        as_json = msgspec.json.decode(archive.read("home.json"), type=dict[str, object])
        return as_json, archive.read("home.txt").decode()


def test_everything_held_is_written_and_that_it_was_is_on_record_first(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Record, devices, alerts, messages, raw payloads, commands and readers, for people too."""
    hear(*FALL)
    hear("telecare/northside/larch-12/watch", b"\xff\xfe no text")
    hear("telecare/northside/larch-14/pendant", b'{"trigger": "pressed"}')
    hear("telecare/northside/larch-12/kettle", b'{"appliance": "on"}')
    call("ack", "larch-12/1", "--by", "Ben Hall")
    call("suspend", "larch-12", "--kind", "visitor", "--for", "2h", "--by", "Ann Lee")

    said = call(*EXPORT, "--json")

    assert said.code == 0, said.err
    file = registered / "larch.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    known, text = held(file)
    record = known["record"]
    assert isinstance(record, dict)
    assert record["resident_name"] == "Mrs Ada Hall"
    (line,) = said.objects
    counts = line["counts"]
    assert isinstance(counts, dict)
    for part in ("devices", "alerts", "notifications", "record_lines", "inputs", "commands"):
        assert counts[part] > 0, part
    assert counts["suspensions"] == 1
    assert counts["strangers_on_its_topics"] == 1
    for word in ("Mrs Ada Hall", "teatime-word", "+447700900123", "Ben Hall", "visitor"):
        assert word in text
        assert word in str(known)
    assert "larch-14" not in text
    assert "Cara Singh" not in str(known)
    readers = known["who_read_it"]
    assert isinstance(readers, list)
    assert readers[-1]["by"] == "Ann Lee", "its own reading is part of what is held"


def test_nothing_is_replaced_and_nothing_is_invented(registered: Path, call: Call) -> None:
    """A file that is there stays; of a home that is not registered no look is kept either."""
    (registered / "larch.zip").write_text("mine", encoding="utf-8")

    refused = call(*EXPORT)
    unknown = call("export", "nowhere", "--to", "x.zip", "--by", "Ann Lee")
    folder = call("export", "larch-12", "--to", "no/such/x.zip", "--by", "Ann Lee")

    assert refused.code == unknown.code == folder.code == 1
    assert "is there already" in refused.err
    assert (registered / "larch.zip").read_text(encoding="utf-8") == "mine"
    assert "there is no home nowhere" in unknown.err
    assert "cannot be written" in folder.err
    assert (
        "what is known of larch-12"
        in call("export", "larch-12", "--to", "y.zip", "--by", "Ann Lee").out
    )
    with sqlite3.connect(registered / "telecared.db") as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM reads WHERE home = 'nowhere'"
        ).fetchone()
    connection.close()
    assert count == 0


def test_what_somebody_wrote_who_is_no_contact_any_more_is_held_too(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Ben wrote, and another took his place: his words still stand in the store, so they are given.

    So is the hold on the home, and who looked at all homes at once.
    """
    hear(*FALL)
    asyncio.run(_write(registered, "+447700900123", "going-word"))
    homes = registered / "homes.yaml"
    homes.write_text(homes.read_text().replace("0123", "0177"), encoding="utf-8")
    assert call("import", "homes.yaml", "--by", "Ann Lee").code == 0
    call("hold", "larch-12", "--by", "Ann Lee", "--reason", "An inquest is open.")
    call("contacts", "--by", "Rita Book")

    said = call(*EXPORT, "--json")

    known, text = held(registered / "larch.zip")
    assert said.code == 0, said.err
    assert "going-word" in text
    assert len(known["legal_holds"]) == 1  # type: ignore[arg-type]  # a list of the export
    readers = known["who_read_it"]
    assert isinstance(readers, list)
    assert "Rita Book" in [one["by"] for one in readers]


async def _write(site: Path, number: str, text: str) -> None:
    """Have the site's engine take a text, and stop again."""
    deployment = load_deployment(site / "telecared.yaml")
    async with open_shard(deployment, clock_from=EngineClock) as shard:
        telling = asyncio.ensure_future(shard.engine.tell(InboundSms("SM-in", number, text)))
        await asyncio.sleep(0)
        await shard.engine.turn()
        await telling
