"""The monitoring centre and the senders of a deployment, held against policies and people.

Who pages whom when the centre does not answer is `core.centre`; policies by themselves are
`policies` and `policycheck`.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path as FilePath
from typing import Any, Final

import msgspec

from telecared.config.deployment import Deployment
from telecared.config.findings import Finding, warning
from telecared.config.policies import FOR_PROGRAMS, PolicySource, role
from telecared.config.positions import Document, Path, nearest, sentence
from telecared.config.rulefiles import RuleFiles
from telecared.config.shipped import rules_folder
from telecared.core.policy import Centre
from telecared.core.vocabulary import Channel

_REMEDIES: Final = {
    Channel.SMS: "add sms: to telecared.yaml",
    Channel.VOICE: "add voice: to telecared.yaml",
    Channel.EMAIL: "add email: to telecared.yaml",
    Channel.WEBHOOK: "add a system that is told by webhook to systems: of telecared.yaml",
    Channel.PUSH: "add a system that is told by push to systems: of telecared.yaml",
}


def centre_of(deployment: Deployment, found: RuleFiles) -> Centre:
    """Return the centre as the plan holds it: a role of the supervisor in the singular."""
    centre = deployment.centre
    return msgspec.structs.replace(centre, supervisor=_supervisor(centre.supervisor, found))


def _supervisor(name: str | None, found: RuleFiles) -> str | None:
    known = name is None or name in found.rotas or name in found.people
    return name if known else role(name or "")


def unknown_supervisor(deployment: Deployment, found: RuleFiles) -> Iterator[str]:
    """Yield a sentence when the supervisor is nobody that the rule files know."""
    name, document = deployment.centre.supervisor, deployment.document
    if name is None or document is None:
        return
    roles = {word for source in found.people.values() for word in source.contact.roles}
    known = {*found.rotas, *found.people, *roles}
    if _supervisor(name, found) not in known:
        hint = nearest(name, known) if known else "add people: to a rule file"
        message = f"no rota, person or role of people: in the rule files is called {name}; {hint}"
        yield sentence(document, ("monitoring_centre", "supervisor"), message)


def doubts_of_centre(deployment: Deployment, senders: Collection[Channel]) -> Iterator[Finding]:
    """Yield what makes it doubtful that somebody hears, and is made to hear."""
    document, told = deployment.document, deployment.monitoring_centre
    if document is None:
        return
    place: Path = ("monitoring_centre",)
    addresses = {} if told is None else {"sms": told.sms, "voice": told.voice, "email": told.email}
    if not any(addresses.values()):
        message = (
            "the monitoring centre has no number: alerts that reach it wait in the queue for"
            " somebody who looks; add monitoring_centre: {sms: ...}"
        )
        yield warning(document, place, "centre-without-number", message)
    for key in ("voice", "email"):
        if addresses.get(key) and Channel(key) not in senders:
            message = (
                f"{key} has no sender: the centre is not told by it; {_REMEDIES[Channel(key)]}"
            )
            yield warning(document, (*place, key), "channel-without-sender", message, key=True)
    if told is None or told.supervisor is None:
        message = (
            "nobody is paged when the monitoring centre does not answer; add supervisor: with a"
            " person, a rota or a role of people: in the rule files"
        )
        yield warning(document, place, "no-supervisor", message)
    elif "page_by" in told.model_fields_set:
        yield from _unsent(document, (*place, "page_by"), told.page_by, senders)
    by_people = [channel for channel in senders if channel not in FOR_PROGRAMS]
    if len(by_people) == 1:
        only = by_people[0].value
        message = (
            f"an alarm of life safety can be told by {only} alone: while that fails, nobody hears;"
            " add another of sms:, voice: and email:"
        )
        yield warning(document, (only,), "one-channel", message, key=True)


def unsent_channels(
    policies: Iterable[PolicySource], senders: Collection[Channel]
) -> Iterator[Finding]:
    """Yield the channels that policies name and for which no sender is configured.

    Not of those that ship, which nobody can edit: they use what is there.
    """
    for source in policies:
        if FilePath(source.document.name).is_relative_to(rules_folder()):
            continue
        for index, step in enumerate(source.policy.steps):
            where = (*source.path, "steps", index)
            if "by" in _at(source.document.data, where):
                yield from _unsent(source.document, (*where, "by"), step.by, senders)


def _unsent(
    document: Document, path: Path, by: Collection[Channel], senders: Collection[Channel]
) -> Iterator[Finding]:
    missing = [channel for channel in by if channel not in senders]
    for channel in missing:
        alone = ", so that this tells nobody" if len(missing) == len(by) else ""
        message = f"{channel.value} has no sender{alone}; {_REMEDIES[channel]}"
        yield warning(document, path, "channel-without-sender", message)


def _at(data: Any, path: Path) -> Any:  # noqa: ANN401 - whatever stands in the file
    for part in path:
        data = data[part]
    return data
