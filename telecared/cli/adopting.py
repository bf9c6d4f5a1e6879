"""`adopt`: a device that speaks becomes a device of a home; what is not said is guessed and told.

The guesses are `core.proposals`, what the store heard is `strangers`, carrying it out is the
engine's: a home's whole record is imported, unless somebody changed it meanwhile.
"""

import json
import re
from typing import Annotated, Final, NamedTuple

import msgspec
from cyclopts import Parameter
from pydantic import ValidationError

from telecared.cli.common import (
    Config,
    Exit,
    Json,
    UsageError,
    Wait,
    duration_of,
    name_of,
    reader_of,
    require_config,
)
from telecared.cli.importing import stored_homes
from telecared.cli.output import say
from telecared.cli.store import hand_in, log_read, require_store
from telecared.cli.strangers import show_strangers
from telecared.config.deployment import Deployment, load_deployment
from telecared.config.home_bodies import DeviceBody
from telecared.config.load import LoadedPlan, load_plan
from telecared.config.positions import nearest
from telecared.core.addresses import canonical
from telecared.core.plan import Device, HomeRecord, content_hash, encode_home
from telecared.core.profiles import OPPOSITES
from telecared.core.proposals import Proposal
from telecared.core.vocabulary import DeviceKind
from telecared.errors import Refused
from telecared.orders import ImportOrder
from telecared.shard import directory_of
from telecared.strangers import Strangers, strangers_of

NAMED_MAX: Final = 10
"""Addresses or homes that a sentence names."""

_PLAIN: Final = re.compile(r"[A-Za-z_/][A-Za-z0-9_./ -]*[A-Za-z0-9_/]")

_Option = str | None


class _Given(NamedTuple):
    """What the command says of the device; None is guessed."""

    topic: str
    address: _Option
    id: _Option
    kind: _Option
    profile: _Option
    location: _Option
    model: _Option
    serial: _Option
    invert: tuple[str, ...]


HomeName = Annotated[
    str | None,
    Parameter(name="HOME", show_default=False, help="Its home. Left out: list all strangers."),
]
Topic = Annotated[str | None, Parameter(name="TOPIC", show_default=False, help="Where it speaks.")]
Address = Annotated[
    str | None,
    Parameter(name="--address", help="What its messages carry where several share the topic."),
]
Id = Annotated[str | None, Parameter(name="--id", help="Its id in the home.")]
Kind = Annotated[str | None, Parameter(name="--kind", help="What it is, like door_sensor.")]
ProfileName = Annotated[str | None, Parameter(name="--profile", help="How it speaks.")]
Location = Annotated[str | None, Parameter(name="--location", help="Where it stands.")]
Model = Annotated[str | None, Parameter(name="--model", help="The maker's name for it.")]
Serial = Annotated[str | None, Parameter(name="--serial", help="What names it in the whole world.")]
Invert = Annotated[
    tuple[str, ...],
    Parameter(
        name="--invert",
        negative=(),
        show_default=False,
        help="A property that it tells the other way round; more than once for more.",
    ),
]
Adopter = Annotated[
    str | None, Parameter(name="--by", help="Who does this: a person's name. Compulsory.")
]
ListThem = Annotated[
    bool,
    Parameter(name="--list", negative=(), show_default=False, help="List who speaks, as alone."),
]
DryRun = Annotated[
    bool,
    Parameter(
        name="--dry-run",
        negative=(),
        show_default=False,
        help="Print the entry for the homes' file, and register nothing.",
    ),
]


def adopt(  # noqa: PLR0913 - one option each
    home: HomeName = None,
    topic: Topic = None,
    /,
    *,
    address: Address = None,
    id: Id = None,
    kind: Kind = None,
    profile: ProfileName = None,
    location: Location = None,
    model: Model = None,
    serial: Serial = None,
    invert: Invert = (),
    by: Adopter = None,
    dry_run: DryRun = False,
    list_them: ListThem = False,
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Register a device that speaks; what is not given is guessed from what was heard."""
    deployment = load_deployment(require_config(config))
    path = deployment.store_path
    require_store(path)
    loaded = load_plan(deployment)
    if list_them and topic is not None:
        raise UsageError("--list registers nothing: leave out TOPIC, or --list")
    if home is None or topic is None:
        if home is not None and not list_them:
            raise UsageError(
                f"write the topic too: telecared adopt {home} TOPIC; `telecared adopt` alone"
                " lists who speaks"
            )
        log_read(path, by=reader_of(by), what="adopt", home=home)
        show_strangers(path, loaded, stored_homes(path), home=home, as_json=as_json)
        return Exit.FINE
    if by is None and not dry_run:
        raise UsageError("--by: write the name of the person who does this")
    who, waited = reader_of(by) if dry_run else name_of(by or ""), duration_of(wait, "--wait")
    log_read(path, by=who, what="adopt", home=home)
    given = _Given(topic, address, id, kind, profile, location, model, serial, invert)
    record, changed, guessed = _changed(deployment, loaded, home, given)
    if not as_json:
        for sentence in guessed:
            say(sentence)
    if dry_run:
        say(entry(changed.devices[-1]))
        return Exit.FINE
    return _register(deployment, loaded, record, changed, who, waited, as_json=as_json)


def _changed(
    deployment: Deployment, loaded: LoadedPlan, home: str, given: _Given
) -> tuple[HomeRecord, HomeRecord, list[str]]:
    """Return the home's record, the same with the device, and what was guessed."""
    path = deployment.store_path
    homes = stored_homes(path)
    record = _home(homes, home)
    strangers = strangers_of(path, directory_of(loaded.profiles)(list(homes.values())))
    if _proposal(given, strangers) is None and (given.kind is None or given.profile is None):
        _refuse_registered(homes, given)
    device, guessed = _device(given, record, strangers, loaded)
    changed = msgspec.structs.replace(record, devices=(*record.devices, device))
    _refuse_conflicts(loaded, homes, changed)
    return record, changed, guessed


def _register(
    deployment: Deployment,
    loaded: LoadedPlan,
    record: HomeRecord,
    changed: HomeRecord,
    who: str,
    wait: int,
    *,
    as_json: bool,
) -> Exit:
    was = {record.id: content_hash(encode_home(record))}
    return hand_in(
        deployment,
        kind="import",
        by=who,
        body=msgspec.json.encode(ImportOrder(homes=(changed,), was=was)),
        wait=wait,
        as_json=as_json,
        loaded=loaded,
    )


# --- what is registered -------------------------------------------------------------------------


def _home(homes: dict[str, HomeRecord], name: str) -> HomeRecord:
    record = homes.get(name)
    if record is None:
        hint = nearest(name, homes) if homes else "no home is"
        raise Refused(
            f"there is no home {name} in the store; {hint}. `telecared import` registers a home"
        )
    return record


def _device(
    given: _Given, record: HomeRecord, strangers: Strangers, loaded: LoadedPlan
) -> tuple[Device, list[str]]:
    """Return the device, and one sentence for each thing that was guessed."""
    if given.id is not None and any(one.id == given.id for one in record.devices):
        raise Refused(f"{record.id} has a device {given.id} already: choose another --id")
    proposal = _proposal(given, strangers)
    kind = given.kind
    if kind is None:
        if proposal is None or proposal.kind is DeviceKind.OTHER:
            raise Refused(
                f"what kind of device it is on {given.topic} cannot be told from what was heard:"
                " add --kind"
            )
        kind = proposal.kind.value
    profile = given.profile or (proposal.profile if proposal else None)
    if profile is None:
        raise Refused(
            f"nothing was heard on {given.topic} that a profile reads: add --profile, one of"
            f" {', '.join(sorted(loaded.profiles))}"
        )
    if profile not in loaded.profiles:
        raise UsageError(f"--profile: there is no profile {profile}; "
                         f"{nearest(profile, loaded.profiles)}")  # fmt: skip
    name = given.id or _free(proposal.id if proposal else kind.replace("_", "-"), record)
    invert = given.invert or (proposal.invert if proposal else ())
    for word in invert:
        if word not in OPPOSITES:
            raise UsageError(f"--invert: {word} has no two words; {nearest(word, OPPOSITES)}")
    fields: dict[str, object] = {
        "id": name,
        "kind": kind,
        "profile": profile,
        "topic": given.topic,
        "address": given.address or (proposal.address if proposal else None),
        "location": given.location or (proposal.location if proposal else None),
        "model": given.model or (proposal.model if proposal else None),
        "serial": given.serial or (proposal.serial if proposal else None),
        "invert": list(invert),
    }
    body = _checked(fields)
    device = Device(
        id=body.id,
        kind=body.kind,
        profile=body.profile,
        topic=given.topic,
        location=body.location,
        address=body.address,
        invert=tuple(body.invert),
        model=body.model,
        serial=body.serial,
    )
    return device, _guesses(given, device, proposal)


def _checked(fields: dict[str, object]) -> DeviceBody:
    try:
        return DeviceBody.model_validate({name: one for name, one in fields.items() if one})
    except ValidationError as error:
        first = error.errors()[0]
        option = "TOPIC" if first["loc"][0] == "topic" else f"--{first['loc'][0]}"
        why = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{option}: {why}") from None


def _proposal(given: _Given, strangers: Strangers) -> Proposal | None:
    """Return what was guessed of the device that is meant, or None when nothing was heard of it."""
    on_topic = [each for each in strangers.proposals if each.topic == given.topic]
    if given.address is not None:
        wanted = canonical(given.address)
        return next((one for one in on_topic if canonical(one.address or "") == wanted), None)
    alone = [each for each in on_topic if each.address is None]
    if alone:
        return alone[0]
    if len(on_topic) > 1:
        names = [each.address or "" for each in on_topic]
        shown = ", ".join(names[:NAMED_MAX]) + (", ..." if len(names) > NAMED_MAX else "")
        raise Refused(f"several devices speak on {given.topic}: add --address, one of {shown}")
    return on_topic[0] if on_topic else None


def _free(name: str, record: HomeRecord) -> str:
    taken = {each.id for each in record.devices}
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _guesses(given: _Given, device: Device, proposal: Proposal | None) -> list[str]:
    """Say what was guessed and why, so that whoever stands before the device can object."""
    shown = [
        f"{name} {value}"
        for name, value, said in (
            ("id", device.id, given.id),
            ("kind", device.kind.value, given.kind),
            ("profile", device.profile, given.profile),
            ("address", device.address, given.address),
            ("location", device.location, given.location),
            ("model", device.model, given.model),
            ("serial", device.serial, given.serial),
            ("invert", ", ".join(device.invert), ", ".join(given.invert)),
        )
        if value and not said
    ]
    if not shown:
        return []
    why = f". {proposal.why}" if proposal is not None and proposal.why else ""
    return [f"guessed: {', '.join(shown)}{why}"]


def _refuse_registered(homes: dict[str, HomeRecord], given: _Given) -> None:
    """Raise Refused when the device has an entry already: nothing need be guessed of it."""
    wanted = canonical(given.address or "")
    for home in homes.values():
        for one in home.devices:
            names = (one.address or "", *(code for code, _, _ in one.codes))
            if one.topic == given.topic and wanted in map(canonical, names) and one.until is None:
                raise Refused(
                    f"it is registered already: {one.id} of {home.id}. To move it, give its"
                    " entry there a day under removed: and import the homes' file"
                )


def _refuse_conflicts(
    loaded: LoadedPlan, homes: dict[str, HomeRecord], changed: HomeRecord
) -> None:
    """Raise Refused when the device could not be told from another one."""
    kept = [home for name, home in homes.items() if name != changed.id]
    conflicts = directory_of(loaded.profiles)([*kept, changed]).conflicts
    last = changed.devices[-1]
    for each in conflicts:
        place, _, problem = each.partition(": ")
        if place == f"{changed.id}/{last.id}":
            raise Refused(f"{last.topic} cannot be adopted: {problem}")


def entry(device: Device) -> str:
    """Return a device as a line of the homes' file."""
    fields: dict[str, object] = {
        "id": device.id,
        "kind": device.kind.value,
        "location": device.location,
        "profile": device.profile,
        "topic": device.topic,
        "address": device.address,
        "model": device.model,
        "serial": device.serial,
        "invert": list(device.invert),
    }
    shown = ", ".join(f"{name}: {_yaml(value)}" for name, value in fields.items() if value)
    return f"- {{{shown}}}"


def _yaml(value: object) -> str:
    """Return a value that YAML reads back as it is; JSON is YAML, and needs no quotes for words."""
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    text = str(value)
    is_word = text.casefold() in ("true", "false", "null", "yes", "no", "on", "off")
    return text if _PLAIN.fullmatch(text) and not is_word else json.dumps(text, ensure_ascii=False)
