"""Homes as a table: the same records as YAML, and every slip is told with its cell."""

import re

from telecared.config.homes import Surroundings, read_homes
from telecared.config.homes_csv import COLUMNS
from tests.config.support import refusals
from tests.conftest import REPOSITORY

TABLE = """\
home,scheme,address,tags,exits,resident_name,device_id,device_kind,device_location,contact_id,\
contact_name,contact_phone,contact_roles,contact_reachable,rule:no-movement:inactive_for
larch-12,northside,"12, ""Larch"" Close",dementia deaf,hall back-door,Mrs Ada Hall,pendant,\
personal_trigger,,ben,Ben Hall,+447700900123,carer,"Mon-Fri 17:00-08:00, Sat-Sun",6h
larch-12,,,,,,bed,bed_monitor,bedroom,,Cara Singh,+447700900124,carer key_holder,,

larch-13,southside,,,,,,,,,,,,,
"""


def test_a_table_gives_the_same_records_as_yaml(around: Surroundings) -> None:
    """Rows of one home add devices and contacts; blank lines and empty cells mean nothing."""
    text = """
homes:
  - id: larch-12
    scheme: northside
    address: 12, "Larch" Close
    tags: [dementia, deaf]
    exits: [hall, back-door]
    resident: {name: Mrs Ada Hall}
    devices:
      - {id: pendant, kind: personal_trigger}
      - {id: bed, kind: bed_monitor, location: bedroom}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", roles: [carer], reachable: "Mon-Fri 17:00-08:00, Sat-Sun"}
      - {name: Cara Singh, phone: "+447700900124", roles: [carer, key_holder]}
    rules: {no-movement: {inactive_for: 6h}}
  - {id: larch-13, scheme: southside}
"""  # noqa: E501 - a line as people write it
    from_table = read_homes(TABLE, "h.csv", around).homes
    assert from_table == read_homes(text, "h.yaml", around).homes
    assert from_table[1].timezone == "Europe/Madrid"
    semicolons = 'home;scheme;address\nlarch-12;northside;"a;b"\n'
    assert read_homes(semicolons, "h.CSV", around).homes[0].address == "a;b"


def test_slips_in_a_table_are_told_with_the_cell(around: Surroundings) -> None:
    """A spreadsheet's user finds the cell by line and column, too."""
    text = TABLE.replace("bed_monitor", "bed_monitr").replace("6h", "six")
    assert refusals(text, around, "h.csv") == [
        "h.csv:2:174: not a duration: 'six'; write 90s, 15m, 12h or 1h30m",
        'h.csv:3:19: not a kind of device; did you mean "bed_monitor"?',
    ]
    assert refusals("home,adress\nx,y\n", around, "h.csv") == [
        'h.csv:1:6: "adress" is no column; did you mean "address"?'
    ]
    assert refusals("home,home,scheme\nx,y,z\n", around, "h.csv") == [
        'h.csv:1:6: the column "home" is there twice; remove one'
    ]
    assert refusals("scheme\nx\n", around, "h.csv") == [
        'h.csv:1:1: the column "home" is missing; add it',
        "h.csv:2:1: the row names no home; write its id under home",
    ]
    assert refusals("home,scheme\nx,a\nx,b\ny,c,d\n", around, "h.csv") == [
        "h.csv:3:3: differs from line 2, column 3, of the same home; write it once, or the same",
        "h.csv:4:5: more cells than columns; put a text with a , in quotes",
    ]
    assert refusals('home\n"x\n', around, "h.csv") == [
        "h.csv:2:1: a quote is never closed; add the closing quote"
    ]
    assert refusals('home,scheme\n"x"y,a\n', around, "h.csv") == [
        "h.csv:2:4: text after a closing quote; double quotes within quotes"
    ]
    assert refusals("", around, "h.csv") == [
        "h.csv:1:1: the table is empty; begin with the names of columns"
    ]


def test_a_cell_may_hold_several_lines(around: Surroundings) -> None:
    """Places behind a text of several lines are still right."""
    text = 'home,resident_notes,scheme,device_id,device_kind\nx,"one\ntwo",s,d,tracker\ny,,s,d,z\n'
    assert refusals(text, around, "h.csv")[0].startswith("h.csv:4:8: not a kind of device")


def test_the_example_of_homes_names_every_column_of_the_table() -> None:
    """Whoever writes a table finds its columns in homes.example.yaml."""
    example = (REPOSITORY / "homes.example.yaml").read_text(encoding="utf-8")
    told = re.sub(r"[#,;]", " ", example.split("Its columns:")[1].split("people:")[0]).split()

    assert [name for name in COLUMNS if name not in told] == []
