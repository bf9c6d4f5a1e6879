"""The homes' file, YAML or CSV, checked and turned into `plan.HomeRecord`.

Shared people, ids that come twice, and each home's own values for rules. The keys are
`home_bodies`; whether the rules of a home make sense for its devices and contacts is `check`.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date, datetime, time
from pathlib import Path as FilePath
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from pydantic import ValidationError

from telecared.config.claims import Claims
from telecared.config.fields import Body
from telecared.config.files import read_text
from telecared.config.findings import Finding, sentences_in_order, warning
from telecared.config.home_bodies import (
    NATIVE,
    ConsentBody,
    ContactBody,
    DeviceBody,
    HomeBody,
    PersonBody,
)
from telecared.config.homes_csv import read_csv
from telecared.config.policies import ROLES, role
from telecared.config.positions import Document, Path, describe, nearest, read_document, sentence
from telecared.config.rules import RuleSource
from telecared.config.values import resolve_values
from telecared.core import plan, policy
from telecared.core.profiles import OPPOSITES
from telecared.core.vocabulary import PROPERTIES, Instant
from telecared.core.windows import to_instant
from telecared.errors import ConfigError

_Body = TypeVar("_Body", bound=Body)

_LISTED: Final[Mapping[str, type[Body]]] = {
    "devices": DeviceBody,
    "contacts": ContactBody,
    "consent": ConsentBody,
}
"""Lists of a home whose items are read each by itself where one of them is broken."""


def _or_none(model: type[_Body], raw: object) -> _Body | None:
    try:
        return model.model_validate(raw)
    except ValidationError:
        return None


def _whole(bodies: Sequence[_Body | None]) -> Iterator[tuple[int, _Body]]:
    """Yield the bodies of a list with their places, but for broken ones."""
    return ((index, body) for index, body in enumerate(bodies) if body is not None)


def _midnight(day: date, zone: ZoneInfo) -> Instant:
    return to_instant(datetime.combine(day, time(), zone))


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What homes may refer to.

    Attributes:
        sources: the rules, for the homes' own values.
        profiles: names of device profiles; None when they are not known.
        policies: names of policies; None when they are not known.
        people: those of the rule files, whom contacts may name like those of the homes' file.
        timezone: of homes whose scheme names none.
        scheme_timezones: scheme -> time zone.
    """

    sources: Mapping[str, RuleSource] = {}
    profiles: Set[str] | None = None
    policies: Set[str] | None = None
    people: Mapping[str, policy.Contact] = {}
    timezone: str = "UTC"
    scheme_timezones: Mapping[str, str] = {}


class LoadedHomes(msgspec.Struct, frozen=True, kw_only=True):
    """The homes of one file.

    Attributes:
        homes: in file order.
        document: the file, for positions; home `i` stands at ("homes", i).
        warnings: what is doubtful.
    """

    homes: tuple[plan.HomeRecord, ...]
    document: Document
    warnings: tuple[Finding, ...]


def load_homes(path: FilePath, around: Surroundings) -> LoadedHomes:
    """Read a homes' file; `.csv` is a table, everything else YAML.

    Raises:
        ConfigError: with everything that is wrong in it.
    """
    return read_homes(read_text(path), str(path), around)


def read_homes(text: str, name: str, around: Surroundings) -> LoadedHomes:
    """Read homes from a text; `name` is the file's name, which also tells CSV from YAML.

    Raises:
        ConfigError: with everything that is wrong in it, in file order.
    """
    is_table = name.lower().endswith(".csv")
    return homes_in(read_csv(text, name) if is_table else read_document(text, name), around)


def homes_in(document: Document, around: Surroundings) -> LoadedHomes:
    """Read homes from a document that has been parsed already.

    Raises:
        ConfigError: with everything that is wrong in it, in file order.
    """
    reader = _Reader(document, around)
    homes = reader.homes()
    if reader.problems:
        raise ConfigError(sentences_in_order(reader.problems))
    return LoadedHomes(homes=tuple(homes), document=document, warnings=tuple(reader.warnings))


class _Reader:
    """Reads one document and gathers what is wrong with it."""

    def __init__(self, document: Document, around: Surroundings) -> None:
        self._document = document
        self._around = around
        self._people: dict[str, PersonBody] = {}
        self._seen: dict[tuple[str, ...], tuple[int, int]] = {}
        self._claims: Claims[str] = Claims()
        self.problems: list[str] = []
        self.warnings: list[Finding] = []

    def homes(self) -> list[plan.HomeRecord]:
        data = self._document.data
        if not isinstance(data, dict) or not isinstance(data.get("homes"), list):
            self._problem((), "a file of homes has a list homes: at its top; write it")
            return []
        for key in data:
            if key not in ("homes", "people"):
                hint = nearest(str(key), ("homes", "people"))
                self._problem((key,), f'"{key}" is not known here; {hint}', key=True)
        for place, person in self._bodies(("people",), data.get("people") or [], PersonBody):
            self._once("person", (person.id,), (*place, "id"))
            self._people[person.id] = person
        found = []
        for index, raw in enumerate(data["homes"]):
            path: Path = ("homes", index)
            home = self._body(path, raw, HomeBody)
            if home is not None:
                self._once("home", (home.id,), (*path, "id"))
                found.append(self._home(path, home))
            elif isinstance(raw, dict):
                self._rest_of_a_broken_home(path, raw)
        return found

    def _rest_of_a_broken_home(self, path: Path, raw: Mapping[str, Any]) -> None:
        """Check what is whole in a home that is no home otherwise: all slips come at once."""
        # The stand-ins are no ids that a file can hold, so that they meet nobody's.
        whole: dict[str, Any] = {"id": f"broken home {path[-1]}", "scheme": "broken home"}
        for key in HomeBody.model_fields.keys() & raw.keys():
            # What is broken is told with the rest of the home.
            if key in _LISTED and isinstance(raw[key], list):
                whole[key] = tuple(_or_none(_LISTED[key], item) for item in raw[key])
                continue
            part = _or_none(HomeBody, {"id": "x", "scheme": "x", key: raw[key]})
            if part is not None:
                whole[key] = getattr(part, key)
        if whole["id"] == raw.get("id"):
            self._once("home", (whole["id"],), (*path, "id"))
        self._home(path, HomeBody.model_construct(**whole))

    def _bodies(self, path: Path, items: Any, model: type[Any]) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401 - whatever stands there, and whichever model
        if not isinstance(items, list):
            self._problem(path, "must be a list; write lines that begin with -")
            return
        for index, item in enumerate(items):
            body = self._body((*path, index), item, model)
            if body is not None:
                yield (*path, index), body

    def _body(self, path: Path, item: object, model: type[_Body]) -> _Body | None:
        try:
            return model.model_validate(item)
        except ValidationError as error:
            self.problems += describe(self._document, error, path, model=model)
            return None

    def _home(self, path: Path, home: HomeBody) -> plan.HomeRecord:
        around = self._around
        if around.policies is not None and home.policy not in (None, *around.policies):
            hint = nearest(str(home.policy), around.policies)
            self._problem((*path, "policy"), f"there is no policy {home.policy}; {hint}")
        if home.resident.tell is not None and home.resident.phone is None:
            message = "the resident has no phone, so that nothing can be told; add phone"
            self._problem((*path, "resident", "tell"), message)
        access = {key: text for key, text in dict(home.access).items() if text is not None}
        return plan.HomeRecord(
            id=home.id,
            scheme=home.scheme,
            timezone=self._zone(home),
            address=home.address,
            tags=home.tags,
            resident_name=home.resident.name,
            resident_phone=home.resident.phone,
            resident_language=home.resident.language,
            resident_born=home.resident.born,
            resident_notes=home.resident.notes,
            access=access,
            devices=tuple(self._devices((*path, "devices"), home)),
            contacts=tuple(self._contacts((*path, "contacts"), home)),
            policy=home.policy,
            rule_values=self._rule_values((*path, "rules"), home),
            exits=plan.DEFAULT_EXITS if home.exits is None else home.exits,
            resident_tell=home.resident.tell,
            consent=tuple(self._consent((*path, "consent"), home)),
        )

    def _zone(self, home: HomeBody) -> str:
        around = self._around
        return home.timezone or around.scheme_timezones.get(home.scheme) or around.timezone

    def _devices(self, path: Path, home: HomeBody) -> Iterator[plan.Device]:
        for index, body in _whole(home.devices):
            place = (*path, index)
            self._once("device", (home.id, body.id), (*place, "id"))
            profiles = self._around.profiles
            if profiles is not None and body.profile not in profiles:
                hint = nearest(body.profile, profiles)
                self._problem((*place, "profile"), f"there is no profile {body.profile}; {hint}")
            for word in body.invert:
                if word not in OPPOSITES:
                    message = f'"{word}" has no two words to swap; {nearest(word, OPPOSITES)}'
                    self._problem((*place, "invert"), message)
            topic = body.topic
            if topic is None and body.profile != NATIVE:
                self._problem(place, f"a device of profile {body.profile} needs a topic; add topic")
            topic = topic or f"telecare/{home.scheme}/{home.id}/{body.id}"
            zone = ZoneInfo(self._zone(home))
            found = plan.Device(
                id=body.id,
                kind=body.kind,
                profile=body.profile,
                topic=topic,
                location=body.location,
                address=body.address,
                invert=body.invert,
                model=body.model,
                serial=body.serial,
                codes=tuple(self._codes((*place, "codes"), body)),
                since=None if body.installed is None else _midnight(body.installed, zone),
                until=None if body.removed is None else _midnight(body.removed, zone),
            )
            if body.installed and body.removed and body.removed <= body.installed:
                message = f"it was installed on {body.installed} and cannot go earlier; correct one"
                self._problem((*place, "removed"), message)
            self._once_on_topic(found, place)
            yield found

    def _codes(self, place: Path, body: DeviceBody) -> Iterator[tuple[str, str, str]]:
        """Yield what each code of a device stands for."""
        for code, words in body.codes.items():
            for name, word in words.items():
                path = (*place, code, name)
                spec = PROPERTIES.get(name)
                if spec is None:
                    message = f'"{name}" is no property; {nearest(name, PROPERTIES)}'
                    self._problem(path, message, key=True)
                elif word not in spec.values:
                    message = f'"{word}" is not a word of "{name}"; {nearest(word, spec.values)}'
                    self._problem(path, message)
                else:
                    yield code, name, word
            if not words:
                message = "says nothing; write a property and its word, like {contact: open}"
                self._problem((*place, code), message)

    def _contacts(self, path: Path, home: HomeBody) -> Iterator[policy.Contact]:
        for index, body in _whole(home.contacts):
            place = (*path, index)
            resolved = self._person(place, body, index)
            if resolved is None:
                continue
            identity, told = resolved
            staff = self._around.people.get(identity)
            if staff is not None and staff.phone != told.phone:
                # On a rota or as supervisor that person would be told by this contact's number.
                message = f'"{identity}" has another number in people: of the rule files'
                self._problem(place, f"{message}; choose another id, or give both the same number")
            self._once("contact", (home.id, identity), (*place, "id"))
            if identity == policy.MONITORING_CENTRE or role(identity) in ROLES.values():
                message = f'"{identity}" is a role, so that a policy could not tell them apart'
                self._problem((*place, "id"), f"{message}; choose another id")
            roles = tuple(dict.fromkeys(role(word) for word in body.roles))
            yield policy.Contact(
                id=identity,
                name=told.name or "",
                phone=told.phone or "",
                roles=roles,
                reachable=body.reachable,
                email=told.email,
                language=told.language or "",
                by=told.by,
            )

    def _consent(self, path: Path, home: HomeBody) -> Iterator[plan.Consent]:
        for index, body in _whole(home.consent):
            if body.until is not None and body.until < body.given_on:
                message = "it cannot end before it was given; correct one of the two days"
                self._problem((*path, index, "until"), message)
            yield plan.Consent(
                what=body.what,
                given_by=body.given_by,
                given_on=body.given_on.isoformat(),
                until=None if body.until is None else body.until.isoformat(),
                document=body.document,
            )

    def _person(
        self, place: Path, body: ContactBody, index: int
    ) -> tuple[str, ContactBody | PersonBody | policy.Contact] | None:
        """Return a contact's id and who says the rest; a nameless id is its place in the list."""
        if body.person is None:
            if body.name is None or body.phone is None:
                missing = "name" if body.name is None else "phone"
                self._problem(place, f'"{missing}" is missing; add it, or write person: and an id')
                return None
            # Not made of the name: ids stand in log lines, where no name may.
            return body.id or f"contact-{index + 1}", body
        for key in ("id", "name", "phone", "email", "language", "by"):
            if getattr(body, key):
                message = f"{key} comes from the person; remove it here, or remove person"
                self._problem((*place, key), message, key=True)
        known: dict[str, PersonBody | policy.Contact] = {**self._around.people, **self._people}
        person = known.get(body.person)
        if person is None:
            hint = nearest(body.person, known)
            self._problem((*place, "person"), f"there is no person {body.person}; {hint}")
            return None
        return person.id, person

    def _rule_values(self, path: Path, home: HomeBody) -> dict[str, dict[str, object]]:
        resolved: dict[str, dict[str, object]] = {}
        for name, values in home.rules.items():
            source = self._around.sources.get(name)
            if source is None:
                hint = nearest(name, self._around.sources)
                message = f"no rule is called {name}, so that these values do nothing; {hint}"
                self.warnings.append(
                    warning(
                        self._document,
                        (*path, name),
                        "unknown-rule",
                        message,
                        key=True,
                        home=home.id,
                    )
                )
                continue
            found, problems = resolve_values(source, values, self._document, (*path, name))
            self.problems += problems
            policy = found.get("policy")
            known = self._around.policies
            if known is not None and isinstance(policy, str) and policy not in known:
                message = f"there is no policy {policy}; {nearest(policy, known)}"
                self._problem((*path, name, "policy"), message)
            if found:
                resolved[name] = found
        return resolved

    def _once(self, what: str, identity: tuple[str, ...], path: Path) -> None:
        place = self._document.position(path)
        earlier = self._seen.setdefault((what, *identity), place)
        if earlier is not place:
            message = f"the {what} {identity[-1]} is already in line {earlier[0]}; rename one"
            self._problem(path, message)

    def _once_on_topic(self, device: plan.Device, place: Path) -> None:
        """Devices that stand there at one time must be told apart by what the message names."""
        line, column = self._document.position((*place, "topic"))
        met = self._claims.claim(device, f"{self._document.name}:{line}:{column}")
        if met is not None:
            where, why = met
            self._problem((*place, "topic"), f"the device at {where} {why}")

    def _problem(self, path: Path, message: str, *, key: bool = False) -> None:
        self.problems.append(sentence(self._document, path, message, key=key))
