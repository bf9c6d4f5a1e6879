"""What `simulate` simulates: the street with its furniture, events on demand, and its files.

Options are `simulate`; lives, sensors and the truth about them are `telecared.sim`.
"""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import msgspec

from telecared.cli.common import UsageError
from telecared.cli.progress import Progress
from telecared.core.vocabulary import DAY, Instant
from telecared.errors import ConfigError

if TYPE_CHECKING:
    from telecared.core.streams import StreamMessage
    from telecared.sim.happenings import Happening
    from telecared.sim.routine import Resident

HAPPENINGS_A_DAY: Final = 0.2
"""Life events of one home on one day: more than in life, so that a week shows some of each."""

HABITS: Final = ("real", "clean")

MOST_A_DAY: Final = 4.0
"""More events do not fit into a day of one home."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the options ask for.

    Attributes:
        profiles: `native`, `mixed` or names with commas between.
        habits: `real`, `clean`, or None: real unless all is native.
        events: what happens in one home, as `parse_happening` reads it.
        home: in which one; None for the first.
        a_day: drawn events of a home on a day; None for the usual, or none beside `events`.
    """

    homes: int
    seed: int
    profiles: str = "native"
    habits: str | None = None
    events: tuple[str, ...] = ()
    home: str | None = None
    a_day: float | None = None


class Simulation:
    """Homes that can be written down, published or told the truth about.

    Raises:
        UsageError: an option names what there is not.
    """

    def __init__(self, wanted: Wanted) -> None:
        from telecared.sim.furnishing import shipped_furnisher
        from telecared.sim.residents import Outfit
        from telecared.sim.street import MOST_HOMES, make_street

        if not 1 <= wanted.homes <= MOST_HOMES:
            raise UsageError(f"--homes: write a number from 1 to {MOST_HOMES}")
        if wanted.habits not in (None, *HABITS):
            raise UsageError(f"--habits: write {' or '.join(HABITS)}")
        if wanted.a_day is not None and not 0 <= wanted.a_day <= MOST_A_DAY:
            raise UsageError(f"--events-a-day: write a number from 0 to {MOST_A_DAY:g}")
        furnisher = shipped_furnisher(wanted.profiles, wanted.seed)
        self.street = make_street(wanted.homes, furnisher=furnisher, seed=wanted.seed)
        self._wanted = wanted
        real = wanted.habits == "real" or (wanted.habits is None and wanted.profiles != "native")
        devices = {household.home: household.devices for household in self.street}
        self._outfit = Outfit(furnisher, devices, real)
        self._asked = self._events(wanted)

    def _events(self, wanted: Wanted) -> "list[Happening]":
        from telecared.sim.happenings import parse_happening

        home = wanted.home or self.street[0].home
        resident = next((each.resident for each in self.street if each.home == home), None)
        if resident is None:
            raise UsageError(f"--home: there is no home {home!r} among those that are simulated")
        try:
            events = [parse_happening(text, resident) for text in wanted.events]
        except ConfigError as error:
            raise UsageError(f"--event: {error.problems[0]}") from None
        known = {binding.device for binding in self._outfit.bindings(resident)}
        for text, one in zip(wanted.events, events, strict=True):
            if one.device and one.device not in known:
                raise UsageError(
                    f"--event: '{text}': {home} has no device {one.device!r}; write one of"
                    f" {', '.join(sorted(known))}"
                )
        return events

    def check_events(self, begin: Instant, days: int) -> None:
        """Refuse an event that would leave no trace.

        Raises:
            UsageError: it begins before the simulated time, or after its end.
        """
        for text, one in zip(self._wanted.events, self._asked, strict=True):
            if not begin <= one.at < begin + days * DAY:
                raise UsageError(
                    f"--event: '{text}' is not within what is simulated; move it, --start or --days"
                )

    @property
    def residents(self) -> "list[Resident]":
        """Who lives in the homes."""
        return [household.resident for household in self.street]

    def happenings(self, resident: "Resident", begin: Instant, days: int) -> "list[Happening]":
        """Return what happens in a home: what was asked for, and what is drawn."""
        from telecared.sim.happenings import ALL_KINDS, happenings_of

        a_day, wanted = self._wanted.a_day, self._wanted
        if a_day is None:
            a_day = 0.0 if wanted.events else HAPPENINGS_A_DAY
        # Whether the truth is written too never changes the stream: it may be asked for later.
        kinds = ALL_KINDS if a_day > 0 else ()
        drawn = happenings_of(
            resident, start=begin, days=days, seed=wanted.seed, a_day=a_day, kinds=kinds
        )
        asked = [one for one in self._asked if one.home == resident.home]
        return sorted([*drawn, *asked], key=lambda one: one.at) if asked else list(drawn)

    def stream(self, begin: Instant, days: int) -> "Iterator[StreamMessage]":
        """Return the messages of all homes, in order of time."""
        from telecared.sim.residents import street_stream

        return street_stream(
            self.residents,
            lambda resident: self.happenings(resident, begin, days),
            start=begin,
            end=begin + days * DAY,
            seed=self._wanted.seed,
            outfit=self._outfit,
        )

    def write(self, path: Path, begin: Instant, days: int) -> int:
        """Write a stream file; return how many messages it holds."""
        from telecared.sim.residents import home_told
        from telecared.sim.spool import write_street

        end = begin + days * DAY
        streams = (
            home_told(
                resident,
                self.happenings(resident, begin, days),
                start=begin,
                end=end,
                seed=self._wanted.seed,
                outfit=self._outfit,
            )
            for resident in self.residents
        )
        homes = len(self.street)
        try:
            with opened(path) as file, Progress("Simulating homes") as bar:
                return write_street(
                    streams,
                    file,
                    homes=homes,
                    start=begin,
                    end=end,
                    folder=path.parent,
                    progress=bar.counts(homes),
                )
        except OSError as error:
            raise UsageError(f"--out {path}: cannot be written ({error.strerror})") from None

    def write_homes(self, path: Path) -> None:
        """Write the homes for `import`."""
        from telecared.sim.street import homes_yaml

        try:
            path.write_text(homes_yaml(self.street), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"--homes-out {path}: cannot be written ({error.strerror})") from None

    def write_truth(self, path: Path, begin: Instant, days: int) -> None:
        """Write what happens when, as `score` reads it, with the limits of the shipped rules."""
        from telecared.config.deployment import default_deployment
        from telecared.config.homes import Surroundings, read_homes
        from telecared.config.load import load_plan
        from telecared.sim.street import homes_yaml
        from telecared.sim.truth import truth_lines

        loaded = load_plan(default_deployment(Path()))
        around = Surroundings(sources=loaded.sources, profiles=loaded.profiles.keys())
        records = read_homes(homes_yaml(self.street), "homes", around).homes
        lines = truth_lines(
            self.residents,
            lambda resident: self.happenings(resident, begin, days),
            records=records,
            plan=loaded.plan,
            start=begin,
            end=begin + days * DAY,
            seed=self._wanted.seed,
            heard=self._outfit.heard,
        )
        try:
            with path.open("w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            raise UsageError(f"--truth {path}: cannot be written ({error.strerror})") from None


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open a stream file for writing; gzipped when its name ends in .gz."""
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        # No name and no time in it: the same seed gives the same file.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as zipped:
            yield zipped
