"""`people:` of rule files: who works for many homes, on rotas and as supervisors.

Read into `policy.Contact`. No complaint quotes a name, a number or an address. What rotas do with
them is `rotas` and `rotacheck`.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from telecared.config.home_bodies import StaffBody
from telecared.config.policies import KNOWN_ROLES, role
from telecared.config.positions import Document, Path, describe, sentence
from telecared.config.rotas import NOBODY
from telecared.core.policy import MONITORING_CENTRE, Contact

MAX_PEOPLE: Final = 1000
"""People of all rule files together."""


class PersonSource(NamedTuple):
    """A person and where they were written."""

    contact: Contact
    document: Document
    path: Path


def read_people(document: Document, written: Any) -> Iterator[PersonSource | str]:  # noqa: ANN401 - whatever stands there
    """Yield the people of one file, and a sentence for each that is none."""
    if written is None:
        return
    if not isinstance(written, list) or len(written) > MAX_PEOPLE:
        message = f"must be a list of at most {MAX_PEOPLE}; write lines that begin with -"
        yield sentence(document, ("people",), message)
        return
    for index, raw in enumerate(written):
        path: Path = ("people", index)
        try:
            body = StaffBody.model_validate(raw)
        except ValidationError as error:
            yield from describe(document, error, path, model=StaffBody)
            continue
        if body.id in (MONITORING_CENTRE, NOBODY) or role(body.id) in KNOWN_ROLES:
            message = f'"{body.id}" means somebody else in policies; choose another id'
            yield sentence(document, (*path, "id"), message)
            continue
        contact = Contact(
            id=body.id,
            name=body.name,
            phone=body.phone,
            roles=tuple(dict.fromkeys(role(word) for word in body.roles)),
            reachable=body.reachable,
            email=body.email,
            language=body.language or "",
            by=body.by,
        )
        yield PersonSource(contact, document, path)
