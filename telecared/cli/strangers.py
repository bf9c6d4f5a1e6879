"""Devices that speak and that nobody registered, listed for `adopt` and `devices --unknown`.

What the store heard of them is `telecared.strangers`; registering one is `adopting`.
"""

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Final

from telecared.cli.output import count_of, put, say, short_time, table, time_text
from telecared.cli.stranger_lines import StrangerLine
from telecared.config.load import LoadedPlan
from telecared.core.plan import HomeRecord
from telecared.core.proposals import Proposal, adopt_line
from telecared.shard import directory_of
from telecared.strangers import Strangers, home_of, name_of, strangers_of

ANY_HOME: Final = "HOME"
"""Stands in a command where nobody can tell which home is meant."""

NEIGHBOURS_SHOWN: Final = 10
"""Devices of the neighbourhood that the table shows; a receiver in a street hears hundreds."""

NOT_READ: Final = "no profile reads what it sends: add --kind and --profile"


def stranger_lines(strangers: Strangers, homes: Mapping[str, HomeRecord]) -> list[StrangerLine]:
    """Return one line for each unknown device, with the command that registers it."""
    lines = [_line(each, strangers, homes) for each in strangers.proposals]
    return lines + [_unread_line(*each, strangers, homes) for each in strangers.unread]


def _line(
    proposal: Proposal, strangers: Strangers, homes: Mapping[str, HomeRecord]
) -> StrangerLine:
    home = home_of(proposal.topic, proposal.home, homes)
    last = strangers.last.get(name_of(proposal.topic, proposal.address))
    return StrangerLine(
        topic=proposal.topic,
        address=proposal.address,
        home=home,
        id=proposal.id,
        kind=proposal.kind.value,
        profile=proposal.profile,
        model=proposal.model,
        serial=proposal.serial,
        location=proposal.location,
        tells=list(proposal.tells),
        last_heard=time_text(last),
        why=proposal.why,
        adopt=adopt_line(proposal, home or ANY_HOME),
    )


def _unread_line(
    topic: str, address: str | None, strangers: Strangers, homes: Mapping[str, HomeRecord]
) -> StrangerLine:
    home = home_of(topic, None, homes)
    words = ["telecared adopt", quote(home or ANY_HOME), quote(topic)]
    if address is not None:
        words += ["--address", quote(address)]
    return StrangerLine(
        topic=topic,
        address=address,
        home=home,
        id="",
        kind=None,
        profile=None,
        model=None,
        serial=None,
        location=None,
        tells=[],
        last_heard=time_text(strangers.last.get(name_of(topic, address))),
        why=NOT_READ,
        adopt=f"{' '.join(words)} --kind KIND --profile PROFILE --by NAME",
    )


def show_strangers(
    path: Path,
    loaded: LoadedPlan,
    homes: Mapping[str, HomeRecord],
    *,
    home: str | None = None,
    as_json: bool,
) -> None:
    """Print the unknown devices that the store heard of; the caller has logged the look.

    With `home` only those that seem to stand in it.
    """
    strangers = strangers_of(path, directory_of(loaded.profiles)(list(homes.values())))
    lines = [each for each in stranger_lines(strangers, homes) if home in (None, each.home)]
    if as_json:
        for line in lines:
            put(line)
        return
    if not lines:
        say("no device speaks that nobody registered")
        return
    columns = ("device", "kind", "profile", "told", "last heard", "register it with")
    quiet = {(each.topic, each.address) for each in strangers.proposals if each.is_neighbour}
    heard = [line for line in lines if (line.topic, line.address) in quiet]
    left_out = {(line.topic, line.address) for line in heard[NEIGHBOURS_SHOWN:]}
    rows = []
    for line in lines:
        if (line.topic, line.address) in left_out:
            continue
        name = _shown(line)
        last = strangers.last.get(name_of(line.topic, line.address))
        told = ", ".join(line.tells) or None
        rows.append((name, line.kind, line.profile, told, short_time(last), line.adopt))
    table(columns, rows)
    if left_out:
        more = count_of(len(left_out), "more device")
        say(f"A receiver hears {more} of the neighbourhood: --json lists all of them.")
    say("Kinds and places are guesses: look at the device before you give its command.")


def _shown(line: StrangerLine) -> str:
    return f"{line.topic} {line.address}" if line.address else line.topic
