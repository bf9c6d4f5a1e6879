"""Importing homes from a file: shown as what would be otherwise in each home, then carried out.

The file is read as `telecared import` reads it. It is sent again with the confirmation, so that
nothing personal waits on the server in between.
"""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.core.operators import Act
from telecared.core.plan import HomeRecord, content_hash, encode_home
from telecared.orders import NOT_THERE, ImportOrder
from telecared.web.errors import BadForm
from telecared.web.home_texts import (
    MAX_PROBLEMS,
    Difference,
    conflicts_of,
    differences,
    read_file,
)
from telecared.web.routes import Entry
from telecared.web.views.home_edit import said_of_saving
from telecared.web.visit import Visit

LONGEST_FILE: Final = 3 * 1024 * 1024
"""Bytes of a file; the confirmation sends it again as text."""

HOMES_SHOWN: Final = 200
"""Homes whose differences are shown; how many more change is said."""

HOMES_NAMED: Final = 20
"""Homes that one sentence names."""

IMPORT_SECONDS: Final = 20.0


class Change(msgspec.Struct, frozen=True):
    """What an import does to one home."""

    home: HomeRecord
    is_new: bool
    differences: list[Difference]


class Wanted(msgspec.Struct, frozen=True):
    """What a file asks for.

    Attributes:
        same: homes that are in the file as they are registered.
        doubts: what the file says that does nothing, as `file:line:col`.
        delete: homes that the file does not name, where that is asked for.
        seen: stands for exactly this change: it is confirmed, and nothing else.
    """

    changes: list[Change]
    same: int
    doubts: list[str]
    delete: tuple[str, ...]
    was: dict[str, str]
    seen: str


def homes_import(visit: Visit) -> Response:
    """Show the form in which a file of homes is sent."""
    return visit.render("homes_import.html", problems={})


def homes_import_act(visit: Visit) -> Response:
    """Show what a file would change; import it once that has been seen."""
    name, text = _file(visit)
    try:
        wanted = _wanted(visit, name, text)
    except BadForm as error:
        return visit.render("homes_import.html", status=400, problems=error.problems)
    if not wanted.changes and not wanted.delete:
        return visit.redirect(
            visit.url("homes"), said="Nothing was changed: all is as in the file."
        )
    if visit.form.get("seen") != wanted.seen:
        return visit.render(
            "homes_import_preview.html",
            wanted=wanted,
            most=HOMES_SHOWN,
            name=name,
            text=text,
            replace=visit.form.get("replace", ""),
            stale=bool(visit.form.get("seen")),
        )
    order = ImportOrder(
        homes=tuple(one.home for one in wanted.changes), delete=wanted.delete, was=wanted.was
    )
    result = visit.give("import", None, msgspec.json.encode(order), seconds=IMPORT_SECONDS)
    said = said_of_saving(result)
    if result.state == "done":
        said = f"{len(wanted.changes)} homes imported, {len(wanted.delete)} deleted."
    return visit.redirect(visit.url("homes"), said=said)


def _file(visit: Visit) -> tuple[str, str]:
    """Return name and text of the file that was sent. Raises BadForm."""
    sent = visit.files.get("file")
    if sent is None or not sent.content:
        name, text = visit.form.get("name", ""), visit.form.get("text", "")
        if not text:
            raise BadForm({"file": "Choose a file of homes: YAML, or a table that ends in .csv."})
        return name, text.replace("\r\n", "\n")
    if len(sent.content) > LONGEST_FILE:
        raise BadForm({"file": f"More than {LONGEST_FILE // 1024 // 1024} MB: split the file."})
    try:
        text = sent.content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BadForm(
            {"file": "This is not UTF-8 text: save it as YAML or CSV in UTF-8."}
        ) from None
    # Whatever path a browser sends, its end tells YAML from CSV and stands in complaints.
    name = sent.name.replace("\\", "/").rpartition("/")[2][-100:]
    return name or "homes.yaml", text


def _wanted(visit: Visit, name: str, text: str) -> Wanted:
    """Return what a file asks for. Raises BadForm with everything that is wrong in it."""
    around = visit.console.around()
    loaded = read_file(text, name, around)
    homes = loaded.homes
    if loaded.warnings and visit.sight.plan.rules and not around.surroundings.sources:
        # Nothing is known of any rule, so that every home's own values would be lost.
        raise BadForm({"": "The rule files cannot be read now: homes' own values would be lost."})
    seen = visit.sight.homes()
    _are_theirs(visit, homes)
    named = {home.id for home in homes}
    delete = tuple(sorted(seen.keys() - named)) if visit.form.get("replace") else ()
    _are_quiet(visit, delete)
    conflicts = conflicts_of(homes, visit.sight.every_record, around, delete)
    if conflicts:
        raise BadForm({str(index): each for index, each in enumerate(conflicts[:MAX_PROBLEMS])})
    was = {home: content_hash(encode_home(seen[home])) for home in delete}
    changes: list[Change] = []
    for home in homes:
        known = seen.get(home.id)
        was[home.id] = NOT_THERE if known is None else content_hash(encode_home(known))
        if known != home:
            told = differences(known, home) if len(changes) < HOMES_SHOWN else []
            changes.append(Change(home, known is None, told))
    doubts = [one.sentence for one in loaded.warnings]
    sign = msgspec.json.encode([[encode_home(one.home) for one in changes], delete, was])
    return Wanted(changes, len(homes) - len(changes), doubts, delete, was, content_hash(sign))


def _are_quiet(visit: Visit, delete: Collection[str]) -> None:
    """Raise BadForm where a home that would go has alerts: they would be of no scheme any more."""
    loud = sorted({row.home for row in visit.sight.unresolved()} & set(delete))
    if loud:
        told = f"{', '.join(loud[:HOMES_NAMED])}{', …' if len(loud) > HOMES_NAMED else ''}"
        raise BadForm({"replace": f"These have open alerts: resolve them first: {told}"})


def _are_theirs(visit: Visit, homes: Sequence[HomeRecord]) -> None:
    """Raise BadForm where a home is, or would be, of a scheme that they may not see."""
    every = visit.sight.every_record
    problems = {}
    for index, home in enumerate(homes):
        known = every.get(home.id)
        is_foreign = known is not None and not visit.operator.sees_scheme(known.scheme)
        if not visit.operator.sees_scheme(home.scheme):
            problems[str(index)] = f"{home.id}: {home.scheme} is no scheme of yours."
        elif is_foreign:
            problems[str(index)] = f"{home.id}: this id is taken; choose another."
    if problems:
        raise BadForm(problems)


ENTRIES: Final = (
    Entry(path="/homes/import", name="homes_import", endpoint=homes_import, act=Act.EDIT_HOMES),
    Entry(
        path="/homes/import/file",
        name="homes_import_act",
        endpoint=homes_import_act,
        act=Act.EDIT_HOMES,
        methods=("POST",),
        reads="the records of homes that a file changes",
    ),
)
