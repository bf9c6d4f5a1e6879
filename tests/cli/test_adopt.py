"""`adopt`: a device that speaks becomes a device of a home; what was guessed is said."""

import re
import sqlite3
from pathlib import Path

import msgspec

from telecared.adapters.sqlite import SqliteReader
from telecared.cli.adopting import entry
from telecared.cli.importing import stored_homes
from telecared.cli.stranger_lines import StrangerLine
from telecared.cli.strangers import NEIGHBOURS_SHOWN
from telecared.config.home_bodies import DeviceBody
from telecared.core.plan import Device, content_hash, encode_home
from telecared.core.vocabulary import DeviceKind
from telecared.orders import ImportOrder
from tests.cli.conftest import Call, Hear
from tests.conftest import REPOSITORY

SOS = "telecare/northside/larch-12/sos-button"
DOOR = "telecare/northside/larch-14/front-door"


def devices_of(site: Path, home: str) -> dict[str, Device]:
    """The registered devices of a home."""
    return {one.id: one for one in stored_homes(site / "telecared.db")[home].devices}


def test_a_stranger_is_listed_with_the_command_that_registers_it(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Alone, `adopt` shows who speaks, what it told and what to type; the look is on record."""
    hear(DOOR, b'{"contact": "open"}')
    hear("odd/thing", b"?")

    [door, odd] = call("adopt", "--json", "--by", "Ann Lee").objects
    said = call("adopt")

    assert list(door) == list(StrangerLine.__struct_fields__)
    fields = ("topic", "home", "id", "kind", "profile", "location", "tells")
    expected = [DOOR, "larch-14", "front-door", "door_sensor", "native", "front-door", ["contact"]]
    assert [door[name] for name in fields] == expected
    assert str(door["adopt"]).startswith(f"telecared adopt larch-14 {DOOR} --id front-door")
    assert (odd["topic"], odd["kind"]) == ("odd/thing", None)
    assert "--kind KIND --profile PROFILE" in str(odd["adopt"])
    assert said.code == 0
    assert DOOR in said.out
    with sqlite3.connect(registered / "telecared.db") as opened:
        assert ("Ann Lee", "adopt") in opened.execute("SELECT by, what FROM reads").fetchall()


def test_nobody_unknown_is_said_too(registered: Path, call: Call) -> None:
    """An empty list is an answer."""
    said = call("adopt")

    assert (said.code, said.out) == (0, "no device speaks that nobody registered\n")


def test_what_is_not_given_is_guessed_and_said(registered: Path, call: Call, hear: Hear) -> None:
    """Kind, profile, id and place come from what was heard; its alert closes by itself."""
    hear(SOS, b'{"trigger": "pressed"}')
    hear(DOOR, b'{"contact": "open"}')
    said = call("adopt", "larch-14", DOOR, "--by", "Ann Lee")

    assert said.code == 0
    assert said.out.startswith("guessed: id front-door, kind door_sensor, profile native")
    assert said.out.endswith("done\n")
    door = devices_of(registered, "larch-14")["front-door"]
    assert (door.kind, door.location) == (DeviceKind.DOOR_SENSOR, "front-door")
    alerts = {str(one["rule"]): one["state"] for one in call("alerts", "--json").objects}
    assert alerts == {"unknown-device-alarm": "open", "unknown-device": "resolved"}
    hear(DOOR, b'{"contact": "closed"}')
    [last] = call("events", "--home", "larch-14", "--json").objects
    assert (last["home"], last["device"]) == ("larch-14", "front-door")
    assert call("verify").code == 0


def test_a_dry_run_prints_the_entry_and_changes_nothing(
    registered: Path, call: Call, hear: Hear
) -> None:
    """What it prints is a line of the homes' file."""
    hear(SOS, b'{"trigger": "pressed"}')
    said = call("adopt", "larch-12", SOS, "--dry-run", "--id", "sos", "--location", "hall: left")

    assert said.code == 0
    shown = said.lines[-1]
    assert shown == (
        f'- {{id: sos, kind: personal_trigger, location: "hall: left", profile: native,'
        f" topic: {SOS}}}"
    )
    assert "sos" not in devices_of(registered, "larch-12")


def test_everything_may_be_given(registered: Path, call: Call) -> None:
    """Of a device that was never heard nothing is guessed."""
    said = call(
        "adopt", "larch-14", "somewhere/x", "--id", "bed", "--kind", "bed_monitor",
        "--profile", "native", "--address", "0x1f", "--location", "bedroom", "--model", "M1",
        "--serial", "A1", "--invert", "occupancy", "--by", "Ann Lee", "--json",
    )  # fmt: skip

    assert said.objects[0]["state"] == "done"
    bed = devices_of(registered, "larch-14")["bed"]
    assert (bed.address, bed.model, bed.serial, bed.invert) == ("0x1f", "M1", "A1", ("occupancy",))


def test_what_cannot_be_is_refused_with_a_sentence(
    registered: Path, call: Call, hear: Hear
) -> None:
    """A slip changes nothing, and says what to write instead."""
    hear(SOS, b'{"trigger": "pressed"}')
    before = stored_homes(registered / "telecared.db")
    taken = "telecare/northside/larch-12/hall"
    by = ("--by", "Ann")
    for arguments, code, sentence in (
        (("larch-12",), 2, "write the topic too"),
        (("larch-12", SOS), 2, "--by: write the name"),
        (("elm-1", SOS, *by), 1, "there is no home elm-1 in the store"),
        (("larch-12", "never/heard", *by), 1, "add --kind"),
        (("larch-12", "never/heard", "--kind", "tracker", *by), 1, "add --profile"),
        (("larch-12", SOS, "--kind", "trakcer", *by), 2, "--kind: not a kind of device"),
        (("larch-12", SOS, "--profile", "natve", *by), 2, "there is no profile natve"),
        (("larch-12", SOS, "--invert", "power", *by), 2, "--invert: power has no two"),
        (("larch-12", SOS, "--id", "hall", *by), 1, "has a device hall already"),
        (
            ("larch-14", taken, "--kind", "other", "--profile", "native", *by),
            1,
            "cannot be adopted: its topic belongs to another device",
        ),
    ):
        said = call("adopt", *arguments)
        assert (said.code, said.out) == (code, ""), sentence
        assert sentence in said.err

    assert stored_homes(registered / "telecared.db") == before


def test_an_id_that_is_taken_gets_a_number_where_it_was_guessed(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Two devices of one name need not be thought about."""
    hear("telecare/northside/attic/hall", b'{"motion": "detected"}')
    assert call("adopt", "larch-12", "telecare/northside/attic/hall", "--by", "Ann").code == 0

    assert devices_of(registered, "larch-12").keys() >= {"hall", "hall-2"}


def test_a_home_that_changed_meanwhile_is_not_overwritten(registered: Path, call: Call) -> None:
    """Between reading a record and writing it somebody else may have added a contact."""
    from telecared.cli.store import hand_in
    from telecared.config.deployment import load_deployment

    record = stored_homes(registered / "telecared.db")["larch-14"]
    was = {"larch-14": content_hash(encode_home(record))}
    order = ImportOrder(homes=(record,), was=was)
    changed = msgspec.structs.replace(record, tags=("new",))
    deployment = load_deployment(registered / "telecared.yaml")
    codes = [
        hand_in(
            deployment, kind="import", by="Ann", body=msgspec.json.encode(body), wait=0,
            as_json=False,
        )
        for body in (ImportOrder(homes=(changed,)), order)
    ]  # fmt: skip

    assert codes == [0, 1]
    assert stored_homes(registered / "telecared.db")["larch-14"].tags == ("new",)


def test_an_entry_reads_back_as_it_is() -> None:
    """Whatever a topic holds, the printed line is YAML that means it."""
    from ruamel.yaml import YAML

    device = Device(
        id="x-1", kind=DeviceKind.OTHER, profile="native", topic="a: b, c/#x", address="0x1f",
        location="on", model="12", serial="Ä {", invert=("contact",),
    )  # fmt: skip
    [read] = YAML(typ="safe").load(entry(device))

    body = DeviceBody.model_validate({**read, "topic": "t"})
    assert (read["topic"], read["address"]) == ("a: b, c/#x", "0x1f")
    assert (body.location, body.model, body.serial, body.invert) == (
        "on", "12", "Ä {", ("contact",),
    )  # fmt: skip


def test_the_store_names_what_strangers_sent(registered: Path, hear: Hear) -> None:
    """The last messages of each, oldest first, and only theirs."""
    for count in range(4):
        hear(SOS, b'{"battery": %d}' % (50 + count))
    hear("telecare/northside/larch-12/hall", b'{"motion": "detected"}')

    found = SqliteReader(registered / "telecared.db").strangers(each=2, limit=10)
    assert [one.payload for one in found] == [b'{"battery": 52}', b'{"battery": 53}']


def test_the_neighbourhood_does_not_hide_who_matters(
    registered: Path, call: Call, hear: Hear
) -> None:
    """An alarm is listed first; of what a receiver hears in the street only a few are shown."""
    config = registered / "telecared.yaml"
    shipped = f"[{REPOSITORY / 'devices'}]"
    text = re.sub(r"devices: \[.*\]", f"devices: {shipped}", config.read_text(encoding="utf-8"))
    config.write_text(text, encoding="utf-8")
    radio = "northside/larch-12/rtl_433/events"
    for number in range(NEIGHBOURS_SHOWN + 2):
        told = {"model": "Kerui-Security", "id": 10_000 + number, "state": "open"}
        hear(radio, msgspec.json.encode(told))
    hear(SOS, b'{"trigger": "pressed"}')
    hear("odd/thing", b"?")

    lines = call("adopt", "--list", "--json").objects
    assert lines[0]["topic"] == SOS
    assert len(lines) == NEIGHBOURS_SHOWN + 4
    said = call("devices", "--unknown").out
    assert said.count(f"{radio} kerui-security/") == NEIGHBOURS_SHOWN
    assert "A receiver hears 2 more devices of the neighbourhood" in said
    only = call("devices", "larch-14", "--unknown")
    assert (only.code, only.out) == (0, "no device speaks that nobody registered\n")


def test_devices_lists_the_unknown_ones_too(registered: Path, call: Call, hear: Hear) -> None:
    """As `adopt` does, of one home or of all; the look is on record."""
    hear(DOOR, b'{"contact": "open"}')

    assert call("devices", "--unknown", "--json").out == call("adopt", "--list", "--json").out
    [door] = call("devices", "larch-14", "--unknown", "--json", "--by", "Ann Lee").objects
    assert door["topic"] == DOOR
    assert call("devices", "larch-12", "--unknown", "--json").objects == []
    assert "there is no home elm-1" in call("devices", "elm-1", "--unknown").err
    assert "leave out --overdue" in call("devices", "--unknown", "--overdue").err
    assert "leave out TOPIC" in call("adopt", "larch-14", DOOR, "--list").err
    with sqlite3.connect(registered / "telecared.db") as opened:
        assert ("Ann Lee", "devices") in opened.execute("SELECT by, what FROM reads").fetchall()


def test_what_no_profile_reads_is_listed_with_a_line_that_fits(
    registered: Path, call: Call, hear: Hear
) -> None:
    """Its topic names a home, and its address is no part of the topic."""
    hear("northside/larch-14/odd thing", b"\xff")

    [odd] = call("adopt", "--json").objects
    assert (odd["topic"], odd["home"]) == ("northside/larch-14/odd thing", "larch-14")
    assert str(odd["adopt"]).startswith("telecared adopt larch-14 'northside/larch-14/odd thing' ")


def test_what_is_registered_already_is_said(registered: Path, call: Call) -> None:
    """Whoever gives a line twice is not asked for a kind."""
    taken = "telecare/northside/larch-12/hall"
    for home in ("larch-12", "larch-14"):
        said = call("adopt", home, taken, "--by", "Ann Lee")
        assert said.code == 1
        assert "it is registered already: hall of larch-12" in said.err
