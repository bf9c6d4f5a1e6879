"""A home is added, changed and imported in the console: seen first, then saved, never half."""

import html
import re
from collections.abc import Iterator

import httpx
import msgspec
import pytest

from telecared.core.alert_commands import Resolved
from telecared.core.plan import Consent, HomeRecord, content_hash, decode_home, encode_home
from telecared.core.policy import Contact
from telecared.core.vocabulary import Outcome
from telecared.orders import NOT_THERE, ImportOrder
from telecared.web.home_fields import MAX_ROWS
from tests.web.centre import NELL, OLIVE, SUE, Centre
from tests.web.over_http import Hand, words_of
from tests.web.town import (
    ELM_3,
    ELM_5,
    LARCH_12,
    LARCH_14,
    LARCH_16,
    OAK_1,
    OAK_2,
    OAK_7,
)

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_SHOWN = re.compile(r'<input class="govuk-input[^>]* name="([^"]+)" type="\w+" value="([^"]*)"')
_CHOSEN = re.compile(r'<select[^>]* name="([^"]+)".*?<option value="([^"]*)" selected', re.DOTALL)
STARTED = 1_700_000_000_000_000
"""A moment that is no midnight anywhere."""

_TEXT = re.compile(r'<textarea name="text"[^>]*>(.*?)</textarea>', re.DOTALL)


@pytest.fixture(scope="module")
def site(quiet_logs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre whose homes may be changed: each test has a home of its own."""
    made = Centre(tmp_path_factory.mktemp("site")).opened()
    yield made
    made.close()


@pytest.fixture(scope="module")
def sue(site: Centre) -> Iterator[Hand]:
    """A supervisor."""
    with Hand(site, SUE) as hand:
        yield hand


def record_of(centre: Centre, home: str) -> HomeRecord:
    """What is registered of a home."""
    found = centre.night.reader.home_records(home)[-1].content
    assert found is not None
    return decode_home(found)


def registered(centre: Centre) -> list[str]:
    """The homes that are registered."""
    return sorted(one.id for one in centre.night.engine.homes.records())


def fields_of(page: httpx.Response) -> dict[str, str]:
    """The fields of the form on a page as a browser would send them."""
    found = _HIDDEN.findall(page.text) + _SHOWN.findall(page.text)
    text = _TEXT.search(page.text)
    told = {name: html.unescape(value) for name, value in found if name != "csrf"}
    return told | ({"text": html.unescape(text[1])} if text else {})


def test_a_change_is_seen_before_it_is_saved(site: Centre, sue: Hand) -> None:
    """The second press saves what the first has shown."""
    form = fields_of(sue.get(f"/homes/{LARCH_14}/edit/record"))
    form["address"] = "14a Larch Close"

    shown = sue.post(f"/homes/{LARCH_14}/change/record", **form)
    unsaved = record_of(site, LARCH_14).address
    saved = sue.post(f"/homes/{LARCH_14}/change/record", **fields_of(shown))

    assert "14 Larch Close 14a Larch Close" in words_of(shown)
    assert unsaved == "14 Larch Close"
    assert "Saved." in words_of(saved)
    assert record_of(site, LARCH_14).address == "14a Larch Close"


def test_a_form_that_is_sent_back_as_it_was_changes_nothing(site: Centre, sue: Hand) -> None:
    """Every part of a home, unchanged."""
    before = record_of(site, LARCH_16)
    for part in ("record", "contacts", "devices", "consent", "access"):
        form = fields_of(sue.get(f"/homes/{LARCH_16}/edit/{part}"))
        page = sue.get(f"/homes/{LARCH_16}/edit/{part}")
        chosen = re.findall(
            r'<select[^>]* name="([^"]+)".*?<option value="([^"]*)" selected', page.text, re.DOTALL
        )
        notes = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', page.text)
        answer = sue.post(f"/homes/{LARCH_16}/change/{part}", **form, **dict(chosen), **dict(notes))
        assert "Nothing was changed." in words_of(answer), part
    assert record_of(site, LARCH_16) == before


def test_a_contact_is_added_in_the_empty_row_and_another_removed(site: Centre, sue: Hand) -> None:
    """Whoever is told is the list as the form has it."""
    form = fields_of(sue.get(f"/homes/{ELM_3}/edit/contacts"))
    form |= {
        "contacts.0.remove": "1",
        "contacts.3.id": "fay",
        "contacts.3.name": "Fay Reed",
        "contacts.3.phone": "+447700900777",
        "contacts.3.roles": "carer",
        "contacts.3.reachable": "Mon-Fri 17:00-08:00",
    }

    shown = sue.post(f"/homes/{ELM_3}/change/contacts", **form)
    sue.post(f"/homes/{ELM_3}/change/contacts", **fields_of(shown))

    contacts = record_of(site, ELM_3).contacts
    assert [one.id for one in contacts] == ["cara", "resp-1", "fay"]
    assert isinstance(contacts[-1], Contact)
    assert contacts[-1].roles == ("carer",)
    assert contacts[-1].reachable


def test_every_slip_is_told_beside_its_field(sue: Hand) -> None:
    """As a file would be answered, all at once, and what was typed stays."""
    form = fields_of(sue.get(f"/homes/{ELM_3}/edit/contacts"))
    form |= {"contacts.0.phone": "999", "contacts.1.reachable": "always maybe"}

    answer = sue.post(f"/homes/{ELM_3}/change/contacts", **form)

    assert answer.status_code == 400
    assert 'id="f-contacts.0.phone-error"' in answer.text
    assert 'id="f-contacts.1.reachable-error"' in answer.text
    assert "always maybe" in answer.text


def test_a_change_that_somebody_made_meanwhile_is_not_overwritten(site: Centre, sue: Hand) -> None:
    """Two people at one record: the second sees the form again, with what they wrote."""
    form = fields_of(sue.get(f"/homes/{ELM_5}/edit/record"))
    first = sue.post(f"/homes/{ELM_5}/change/record", **{**form, "address": "A"})
    second = sue.post(f"/homes/{ELM_5}/change/record", **{**form, "address": "B"})

    sue.post(f"/homes/{ELM_5}/change/record", **fields_of(first))
    late = sue.post(f"/homes/{ELM_5}/change/record", **fields_of(second))

    assert "changed this home meanwhile" in words_of(late)
    assert record_of(site, ELM_5).address == "A"
    again = fields_of(late)
    assert again["address"] == "B"
    shown = sue.post(f"/homes/{ELM_5}/change/record", **again)
    assert "address A B" in words_of(shown)


def test_the_code_of_the_key_safe_is_no_part_of_what_is_shown(site: Centre, sue: Hand) -> None:
    """That it changes is shown, and not to what; who opens the form is on record."""
    form = fields_of(sue.get(f"/homes/{OAK_1}/edit/access"))
    shown = sue.post(f"/homes/{OAK_1}/change/access", **{**form, "access.code": "9876"})

    assert "kept secret" in words_of(shown)
    assert "9876" not in words_of(shown)
    sue.post(f"/homes/{OAK_1}/change/access", **fields_of(shown))
    assert record_of(site, OAK_1).access["code"] == "9876"


def test_a_home_is_added_and_its_contacts_are_asked_for(site: Centre, sue: Hand) -> None:
    """A home without anybody to tell is half a home."""
    answer = sue.post("/homes/add", id="elm-9", scheme="northside", address="9 Elm Road")

    assert "Who is told about it?" in words_of(answer)
    assert record_of(site, "elm-9").address == "9 Elm Road"
    again = sue.post("/homes/add", id="elm-9", scheme="northside")
    assert again.status_code == 400
    assert "choose another id" in words_of(again)


def test_who_works_for_one_scheme_adds_no_home_to_another(centre: Centre) -> None:
    """Nor may an operator change any: that is a supervisor's."""
    with Hand(centre, NELL) as nell:
        assert nell.post("/homes/add", id="oak-9", scheme="southside").status_code == 403
        assert nell.get(f"/homes/{OAK_1}/edit/record").status_code in (403, 404)
    with Hand(centre, OLIVE) as olive:
        assert olive.get(f"/homes/{OAK_1}/edit/record").status_code == 403


def test_a_slip_below_a_removed_row_is_told_where_it_stands(sue: Hand) -> None:
    """The second of the form is the first of the home: its complaint stays with it."""
    form = fields_of(sue.get(f"/homes/{ELM_3}/edit/contacts"))
    form |= {"contacts.0.remove": "1", "contacts.1.phone": "999"}

    answer = sue.post(f"/homes/{ELM_3}/change/contacts", **form)

    assert 'id="f-contacts.1.phone-error"' in answer.text
    assert 'id="f-contacts.0.phone-error"' not in answer.text


FILE = """
homes:
  - {id: elm-7, scheme: northside, address: 7 Elm Road}
  - {id: larch-12, scheme: northside, address: 12 Larch Close, policy: centre-first,
     timezone: Europe/London, resident: {name: Mrs Ada Hall, phone: "+447700900200"}}
"""


def test_an_import_is_shown_home_by_home_and_then_carried_out(site: Centre, sue: Hand) -> None:
    """What the file leaves out of a home is shown as gone before it is."""
    shown = sue.post("/homes/import/file", {"file": ("homes.yaml", FILE.encode())})
    told = words_of(shown)
    done = sue.post("/homes/import/file", **fields_of(shown))

    assert "2 homes are added or changed" in told
    assert "elm-7" in told
    assert "Ben Hall" in told
    assert "2 homes imported, 0 deleted" in words_of(done)
    assert record_of(site, LARCH_12).contacts == ()


def test_everything_that_is_wrong_in_a_file_is_told_at_once(sue: Hand) -> None:
    """By file, line and column; nothing is imported."""
    wrong = FILE.replace("id: elm-7", "id: elm 7").replace("+447700900200", "999")

    answer = sue.post("/homes/import/file", {"file": ("homes.yaml", wrong.encode())})

    assert answer.status_code == 400
    assert "homes.yaml:3:" in words_of(answer)
    assert "homes.yaml:5:" in words_of(answer)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfe\x00", "not UTF-8"), (b"", "Choose a file"), (b"homes: {", "homes.yaml:1:")],
)
def test_what_is_no_file_of_homes_is_answered_in_a_sentence(
    sue: Hand, content: bytes, says: str
) -> None:
    """Whatever somebody chooses."""
    answer = sue.post("/homes/import/file", {"file": ("homes.yaml", content)})
    assert answer.status_code == 400
    assert says in words_of(answer)


def test_who_is_told_first_is_changed_by_a_place_and_seen_before_it_is(
    site: Centre, sue: Hand
) -> None:
    """The same people in another order are another escalation."""
    form = fields_of(sue.get(f"/homes/{LARCH_16}/edit/contacts"))
    names = [one.id for one in record_of(site, LARCH_16).contacts]

    shown = sue.post(f"/homes/{LARCH_16}/change/contacts", **{**form, "contacts.2.place": "1"})
    sue.post(f"/homes/{LARCH_16}/change/contacts", **fields_of(shown))

    assert "contacts in order" in words_of(shown)
    assert [one.id for one in record_of(site, LARCH_16).contacts] == [names[2], *names[:2]]


def test_what_a_form_does_not_show_stays_with_its_device(site: Centre, sue: Hand) -> None:
    """A code of a receiver, a moment of a day, no door at all, a value of a rule: all kept."""
    before = record_of(site, OAK_7)
    devices = list(before.devices)
    devices[4] = msgspec.structs.replace(
        devices[4], codes=(("0xa1", "motion", "detected"),), since=STARTED + 1
    )
    values = {"pendant-pressed": {"mode": "watch"}}
    before = msgspec.structs.replace(
        before, devices=tuple(devices), exits=(), rule_values=values, policy="centre-first"
    )
    assert site.does(lambda night: night.imports(before)).state == "done"
    form = fields_of(sue.get(f"/homes/{OAK_7}/edit/devices"))
    form |= dict(_CHOSEN.findall(sue.get(f"/homes/{OAK_7}/edit/devices").text))

    shown = sue.post(f"/homes/{OAK_7}/change/devices", **form, **{"devices.0.remove": "1"})
    sue.post(f"/homes/{OAK_7}/change/devices", **fields_of(shown))

    assert record_of(site, OAK_7) == msgspec.structs.replace(before, devices=before.devices[1:])


def test_a_home_with_more_than_a_form_holds_is_not_cut(site: Centre, sue: Hand) -> None:
    """Whoever opens it is told to use a file, and nothing is lost."""
    before = record_of(site, OAK_2)
    consent = Consent(what="sensors", given_by="Mr Price", given_on="2026-01-02")
    before = msgspec.structs.replace(before, consent=(consent,) * (MAX_ROWS + 1))
    assert site.does(lambda night: night.imports(before)).state == "done"

    page = sue.get(f"/homes/{OAK_2}/edit/consent")
    sent = sue.post(f"/homes/{OAK_2}/change/consent", was=content_hash(encode_home(before)))

    assert "too many for one form" in words_of(page)
    assert "change this home with a file" in words_of(sent)
    assert record_of(site, OAK_2) == before


def test_a_home_that_somebody_adds_meanwhile_is_not_replaced(site: Centre) -> None:
    """New means new: the engine holds it against what is registered when it carries it out."""
    taken = record_of(site, LARCH_14)
    order = ImportOrder(homes=(taken,), was={LARCH_14: NOT_THERE})
    body = msgspec.json.encode(order)
    result = site.does(lambda night: night.command("import", None, body))
    assert result.state == "refused"
    assert "has changed meanwhile" in result.reason


def test_what_did_not_change_is_not_read_again(site: Centre) -> None:
    """One home of thousands is changed: the others, and all that was made of them, stay."""
    registry = site.served.registry
    plan, before = registry.plan(), registry.records()
    moved = msgspec.structs.replace(before[LARCH_14], address="Elsewhere")

    assert site.does(lambda night: night.imports(moved)).state == "done"
    after = registry.records()

    assert after[LARCH_14].address == "Elsewhere"
    assert all(after[home] is before[home] for home in before if home != LARCH_14)
    assert registry.plan() is plan


def test_a_home_with_an_open_alert_is_not_deleted(site: Centre, sue: Hand) -> None:
    """Its alert would be of no scheme any more, and out of the sight of those who look after it."""
    alert = site.presses(OAK_1)

    answer = sue.post("/homes/import/file", {"file": ("h.yaml", FILE.encode())}, replace="1")

    assert answer.status_code == 400
    assert f"resolve them first: {OAK_1}" in words_of(answer)
    resolved = Resolved(input=0, at=0, by=SUE, alert=alert.n, outcome=Outcome.TEST, note="")
    assert site.orders(resolved, OAK_1).state == "done"


def test_homes_that_a_file_does_not_name_are_deleted_only_when_that_was_seen(
    site: Centre, sue: Hand
) -> None:
    """With the box ticked they are listed first."""
    everybody = registered(site)
    shown = sue.post("/homes/import/file", {"file": ("h.yaml", FILE.encode())}, replace="1")
    assert "are deleted" in words_of(shown)
    assert registered(site) == everybody

    sue.post("/homes/import/file", **fields_of(shown))

    assert registered(site) == ["elm-7", "larch-12"]
