"""What is told to the outside, links in texts among it, held against the rest of the deployment.

Their own keys are `outward`. What homes' devices add to our subscriptions is known only at a start.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from telecared.config.channels import is_loopback
from telecared.config.deployment import Deployment
from telecared.config.findings import Finding, errors, warning
from telecared.config.outward import ALERT_LEVELS, ENTITY, overlapping
from telecared.config.positions import sentence

LONGEST_LINKED: Final = 60
"""Characters of an address with which most texts still have room for a link."""


def doubts_of_outward(deployment: Deployment) -> Iterator[Finding]:
    """Yield what is wrong, or doubtful, about what is told to the outside."""
    yield from _topics(deployment)
    yield from _synthetic(deployment)
    yield from _replies(deployment)
    yield from _links(deployment)
    yield from _console(deployment)


def _topics(deployment: Deployment) -> Iterator[Finding]:
    document = deployment.document
    if document is None:
        return
    told: list[tuple[str, str, str, tuple[int, ...]]] = []
    if deployment.alert_topics is not None:
        told.append(("alert_topics", "prefix", deployment.alert_topics.prefix, ALERT_LEVELS))
        if deployment.alert_topics.discovery is not None:
            entities = ENTITY.format(deployment.alert_topics.discovery)
            told.append(("alert_topics", "discovery", entities, (0,)))
    if deployment.heartbeat is not None and deployment.heartbeat.topic is not None:
        told.append(("heartbeat", "topic", deployment.heartbeat.topic, (0,)))
    for scheme in deployment.schemes:
        for section, key, ours, levels in told:
            heard = overlapping(ours, scheme.topics or (), levels)
            if heard is None:
                continue
            message = (
                f"scheme {scheme.id} listens to {heard}, and would take what we say there for"
                f" strangers; write another {key}, or narrower topics"
            )
            problem = sentence(document, (section, key), message)
            yield from errors([problem], "alert-topics-heard")


def _synthetic(deployment: Deployment) -> Iterator[Finding]:
    told, document = deployment.synthetic, deployment.document
    if told is None or document is None:
        return
    problems = []
    if not deployment.sms:
        problems.append("nothing sends SMS, so that every round fails; add sms:, or remove it")
    if deployment.mode == "pilot" and told.number not in deployment.allow:
        problems.append("mode: pilot sends nothing to this number; add it to allow:")
    place = ("synthetic", "number")
    told_as = [sentence(document, place, message) for message in problems]
    yield from errors(told_as, "synthetic-cannot-work")
    if told.page is None:
        message = (
            "when the daemon itself does not turn, nobody hears that the self-test failed; add"
            " page: {url: ...}, and a heartbeat:"
        )
        yield warning(document, ("synthetic",), "synthetic-without-page", message)


def _replies(deployment: Deployment) -> Iterator[Finding]:
    """Yield providers to whose number people reply, and nobody hears it."""
    document = deployment.document
    for number, told in enumerate(deployment.sms):
        heard = told.callback is not None and told.callback.inbound is not None
        if document is None or told.provider != "http" or told.from_ is None or heard:
            continue
        message = (
            "replies to this number reach nobody; add callback: {inbound: ...}, or leave out from"
            " where the provider passes replies on to another number of ours"
        )
        yield warning(document, ("sms", number, "from"), "sms-replies-unheard", message)


def _links(deployment: Deployment) -> Iterator[Finding]:
    document, url = deployment.document, deployment.console.public_url
    if document is None or url is None:
        return
    place, parts = ("console", "public_url"), urlsplit(url)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        message = (
            "whoever listens on the way can open an alert by its link; put the console behind"
            " TLS and write https://"
        )
        yield warning(document, place, "link-in-the-clear", message)
    if len(url) > LONGEST_LINKED:
        message = (
            f"with an address of {len(url)} characters most texts have no room for a link, and"
            f" are sent without one; write one of at most {LONGEST_LINKED}"
        )
        yield warning(document, place, "link-too-long", message)


def _console(deployment: Deployment) -> Iterator[Finding]:
    """Yield a console that others can reach, and that passwords and names reach in the clear."""
    document, told = deployment.document, deployment.console
    host = told.listen.rpartition(":")[0].strip("[]")
    if document is None or is_loopback(host):
        return
    if told.public_url is not None and told.public_url.startswith("https:"):
        return
    message = (
        "others than this machine reach the console, and passwords and people's data go there in"
        " the clear; listen at 127.0.0.1:8080, with a server for TLS in front of it, and write its"
        " address as public_url: https://..."
    )
    yield warning(document, ("console", "listen"), "console-in-the-clear", message)
