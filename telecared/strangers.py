"""Devices that speak and that nobody registered: what a store heard of them, and the guesses.

The guesses are `core.proposals`; who is shown them, and how one is registered, is the callers'.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from telecared.adapters.sqlite import SqliteReader
from telecared.bodies import apart, names_in
from telecared.core.addresses import canonical
from telecared.core.directory import Directory
from telecared.core.events import SITE
from telecared.core.plan import HomeRecord
from telecared.core.proposals import Heard, Proposal, propose
from telecared.core.vocabulary import Instant
from telecared.reader_port import StrangerMessage

MESSAGES_EACH: Final = 5
"""Messages of each stranger that are looked at: a kind may show only in some of them."""

MAX_MESSAGES: Final = 20_000
"""Messages that are looked at in all, the newest."""


class Strangers(NamedTuple):
    """What is known of devices that nobody registered.

    Attributes:
        directory: of the registered ones.
        proposals: of those that a profile reads.
        unread: topics and addresses of those that none reads.
        last: name -> when it was last heard, by its name.
        heard_by: name -> `@site` or `@scheme/ID`, to whom it speaks.
    """

    directory: Directory
    proposals: tuple[Proposal, ...]
    unread: tuple[tuple[str, str | None], ...]
    last: Mapping[str, Instant]
    heard_by: Mapping[str, str]


def strangers_of(path: Path, directory: Directory) -> Strangers:
    """Return what a store heard of devices that are not registered by now.

    Args:
        path: the store; it is looked through, which takes seconds where it is large.
        directory: of the registered devices.

    Raises:
        StoreError: the store cannot be read.
    """
    heard = SqliteReader(path).strangers(each=MESSAGES_EACH, limit=MAX_MESSAGES)
    proposals = propose([Heard(one.topic, one.payload, one.at) for one in heard], directory)
    read = {name_of(each.topic, each.address) for each in proposals}
    named = [(canonical(one.device), one) for one in heard if one.device is not None]
    unread = {
        apart(one.device, one.topic): None
        for one in heard
        if one.device is not None
        and not read & {name_of(*each) for each in names_in(one.device)}
        and _is_unknown(directory, one)
    }
    return Strangers(
        directory,
        proposals,
        tuple(unread),
        {name: one.at for name, one in named},
        {name: one.home or SITE for name, one in named},
    )


def name_of(topic: str, address: str | None) -> str:
    """Return by what `Strangers.last` and `heard_by` know a device."""
    return canonical(f"{topic} {address}" if address else topic)


def home_of(topic: str, named: str | None, homes: Mapping[str, HomeRecord]) -> str | None:
    """Return the registered home that a stranger seems to stand in: its topic may name it."""
    if named in homes:
        return named
    return next((level for level in topic.split("/") if level in homes), None)


def _is_unknown(directory: Directory, one: StrangerMessage) -> bool:
    """Whether nobody registered it since, and something was read of it at all."""
    found = directory.resolve(one.topic, one.payload)
    several = (found, *found.more)
    return not found.ignored and not any(each.binding is not None for each in several)
