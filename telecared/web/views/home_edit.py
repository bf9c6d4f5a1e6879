"""Adding and changing a home by forms: shown as what would be otherwise, then imported.

What may be written is the homes' file's own rule; carrying it out is the engine's. A change that
somebody else made meanwhile is never overwritten.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.config.home_spelling import Spelled, spell_home
from telecared.core.operators import Act
from telecared.core.plan import HomeRecord, content_hash, encode_home
from telecared.orders import NOT_THERE, ImportOrder
from telecared.store_port import CommandResult
from telecared.web.errors import BadForm, Denied, NotThere
from telecared.web.home_fields import (
    MAX_ROWS,
    PARTS,
    Part,
    Row,
    at_rows,
    changed,
    filled,
    refilled,
    too_many,
)
from telecared.web.home_texts import conflicts_of, differences, read_form
from telecared.web.routes import Entry
from telecared.web.visit import Visit, said_of


def home_edit(visit: Visit) -> Response:
    """Show the form of one part of a home."""
    record, part = visit.record, _part(visit)
    if part.name == "access":
        # The code stands in the form: that is a reveal like any other.
        if not visit.operator.may(Act.REVEAL_ACCESS):
            raise Denied
        visit.log_read("access to a home", record.id)
    spelled = spell_home(record)
    if too_many(part, spelled):
        return visit.render("home_too_many.html", record=record, part=part, most=MAX_ROWS)
    return form_of_part(visit, record, part, filled(part, spelled), {})


def home_change(visit: Visit) -> Response:
    """Show what a form would change, and change it once that has been seen."""
    record, part = visit.record, _part(visit)
    if part.name == "access" and not visit.operator.may(Act.REVEAL_ACCESS):
        raise Denied
    spelled = spell_home(record)
    was = visit.form.get("was", "")
    try:
        if too_many(part, spelled):
            raise BadForm({"": _TOO_MANY})
        if was != _hash(record):
            # What was typed stays: the next look shows what it changes in the home as it is now.
            raise BadForm({"": _MEANWHILE})
        after = _read(visit, changed(part, spelled, visit.form), record)
    except BadForm as error:
        problems = at_rows(part, visit.form, error.problems)
        return form_of_part(visit, record, part, refilled(part, visit.form), problems)
    if after == record:
        return visit.redirect(visit.url("resident", home=record.id), said="Nothing was changed.")
    if visit.form.get("seen") != content_hash(encode_home(after)):
        return visit.render(
            "home_change.html",
            record=record,
            part=part,
            changes=differences(record, after),
            form={key: one for key, one in visit.form.items() if key not in _OURS},
            was=was,
            seen=content_hash(encode_home(after)),
        )
    result = give_import(visit, after, {record.id: was})
    return visit.redirect(visit.url("resident", home=record.id), said=said_of_saving(result))


def home_new(visit: Visit) -> Response:
    """Show the form in which a home is added."""
    schemes = visit.sight.schemes()
    return visit.render("home_new.html", schemes=schemes, problems={}, form={})


def home_add(visit: Visit) -> Response:
    """Add a home; its devices and contacts are written afterwards."""
    form = visit.form
    home, scheme = visit.field("id"), visit.field("scheme")
    problems: dict[str, str] = {}
    if not visit.operator.sees_scheme(scheme):
        problems["scheme"] = "Choose a scheme of yours."
    body: Spelled = changed(PARTS["record"], {"id": home, "scheme": scheme}, form)
    try:
        record = _read(visit, body, None)
        if record.id in visit.sight.every_record:
            problems["id"] = f"There is a home {home} already: choose another id."
    except BadForm as error:
        problems |= error.problems
    if problems:
        return visit.render(
            "home_new.html",
            status=400,
            schemes=visit.sight.schemes(),
            problems=problems,
            form=form,
        )
    result = give_import(visit, record, {record.id: NOT_THERE})
    if result.state != "done":
        return visit.redirect(visit.url("homes"), said=said_of_saving(result))
    to = visit.url("home_edit", home=record.id, part="contacts")
    return visit.redirect(to, said=f"{record.id} is registered. Who is told about it?")


def give_import(visit: Visit, record: HomeRecord, was: Mapping[str, str]) -> CommandResult:
    """Have the engine register a home as it is written now."""
    order = ImportOrder(homes=(record,), was=was)
    return visit.give("import", None, msgspec.json.encode(order))


def said_of_saving(result: CommandResult) -> str:
    """Return what the next page says of a change."""
    return said_of(result, "Saved.", refused="Nothing was saved")


_TOO_MANY: Final = f"There are more than {MAX_ROWS}: change this home with a file."
_MEANWHILE: Final = (
    "Somebody has changed this home meanwhile. What you wrote stands below and is not saved: look"
    " at what it changes now."
)

_OURS: Final = frozenset({"csrf", "was", "seen"})


def _part(visit: Visit) -> Part:
    part = PARTS.get(visit.path["part"])
    if part is None:
        raise NotThere
    return part


def _hash(record: HomeRecord) -> str:
    return content_hash(encode_home(record))


def _read(visit: Visit, body: Spelled, before: HomeRecord | None) -> HomeRecord:
    """Return the home that a form tells of, which is this one. Raises BadForm."""
    around = visit.console.around()
    after = read_form(body, around)
    if before is not None:
        after = _as_before(msgspec.structs.replace(after, rule_values=before.rule_values), before)
    conflicts = conflicts_of([after], visit.sight.every_record, around)
    if conflicts:
        raise BadForm({"": "; ".join(conflicts)})
    return after


def _as_before(after: HomeRecord, before: HomeRecord) -> HomeRecord:
    """Return a home in which what is written as before is as before.

    A form has days where a record may have moments, and words where others mean the same.
    """
    old, new = spell_home(before), spell_home(after)
    known = {
        one.id: (one, told)
        for one, told in zip(before.devices, old.get("devices", ()), strict=True)
    }
    devices = tuple(
        known[one.id][0] if one.id in known and known[one.id][1] == told else one
        for one, told in zip(after.devices, new.get("devices", ()), strict=True)
    )
    contacts = before.contacts if old.get("contacts") == new.get("contacts") else after.contacts
    return msgspec.structs.replace(after, devices=devices, contacts=contacts)


def form_of_part(
    visit: Visit,
    record: HomeRecord,
    part: Part,
    rows: list[Row],
    problems: Mapping[str, str],
) -> Response:
    """Show the form of one part of a home, with what is wrong in it."""
    return visit.render(
        "home_edit.html",
        status=400 if problems else 200,
        record=record,
        part=part,
        parts=tuple(PARTS.values()),
        rows=rows,
        problems=problems,
        was=_hash(record),
    )


ENTRIES: Final = (
    Entry(path="/homes/new", name="home_new", endpoint=home_new, act=Act.EDIT_HOMES),
    Entry(
        path="/homes/add",
        name="home_add",
        endpoint=home_add,
        act=Act.EDIT_HOMES,
        methods=("POST",),
    ),
    Entry(
        path="/homes/{home:path}/edit/{part}",
        name="home_edit",
        endpoint=home_edit,
        act=Act.EDIT_HOMES,
        reads="the record of a home",
    ),
    Entry(
        path="/homes/{home:path}/change/{part}",
        name="home_change",
        endpoint=home_change,
        act=Act.EDIT_HOMES,
        methods=("POST",),
        reads="the record of a home",
    ),
)
