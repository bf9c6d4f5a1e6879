"""Scenario files: YAML in, scenarios out, with every problem of a file at its line and column.

A file is a list of scenarios, or a mapping that also names homes and rules of its own. Playing
them is `sim.scenarios`; entries are read by `scenario_stream` and `scenario_expect`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from telecared.config.check import surroundings
from telecared.config.deployment import Deployment, default_deployment
from telecared.config.files import read_text
from telecared.config.findings import sentences_in_order
from telecared.config.homes import homes_in, load_homes
from telecared.config.load import LoadedPlan, load_plan
from telecared.config.moments import LATEST, Origin, parse_moment, parse_start
from telecared.config.parts import Part, text, words
from telecared.config.positions import Document, nearest, read_document
from telecared.config.positions import Path as Where
from telecared.config.rulefiles import SCENARIO_SUFFIXES
from telecared.config.scenario_expect import ENDLESS, ExpectReader
from telecared.config.scenario_format import Expectation, Happening, Place, Scenario, ScenarioFile
from telecared.config.scenario_stream import PhoneReader, StreamReader, overlapping
from telecared.config.shipped import rules_folder
from telecared.core.plan import HomeRecord
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import MINUTE, Duration, Instant, Priority
from telecared.errors import ConfigError

A_LITTLE: Final[Duration] = MINUTE
"""How long a scenario goes on after the last thing that it names, unless it says `until`."""

STAND_IN_CENTRE: Final = "+447700900900"
"""Without a deployment the monitoring centre is taken to have a number, as an SMS provider is."""


class Setting:
    """What scenarios are played under: a deployment, homes, and rules; each plan is read once."""

    def __init__(
        self,
        deployment: Deployment | None = None,
        *,
        homes: Sequence[Path] = (),
        rules: Sequence[Path] = (),
    ) -> None:
        """Remember what was given; nothing is read yet.

        Args:
            deployment: None for the defaults.
            homes: files of homes for scenarios whose own file names none.
            rules: files and folders in place of those of the deployment and of scenario files.
        """
        self._deployment = deployment
        self._homes = tuple(homes)
        self._rules = tuple(rules)
        self._plans: dict[tuple[bool, tuple[Path, ...]], LoadedPlan] = {}
        self._kept: dict[tuple[int, tuple[Path, ...]], tuple[LoadedPlan, list[HomeRecord]]] = {}

    def deployment(self, *, shipped: bool) -> Deployment:
        """Return the deployment; what ships is tested under the defaults."""
        if self._deployment is None or shipped:
            return default_deployment(Path())
        return self._deployment

    def plan(self, rules: Sequence[Path], *, shipped: bool) -> LoadedPlan:
        """Return the plan of rule files; of the deployment's own where none are named.

        Raises:
            ConfigError: with every problem of every file.
        """
        places = self._rules or tuple(rules)
        key = (shipped, places)
        if key not in self._plans:
            deployment = self.deployment(shipped=shipped)
            loaded = load_plan(deployment, rules=places or None)
            centre = loaded.plan.centre
            if deployment.document is None and centre.sms is None:
                centre = msgspec.structs.replace(centre, sms=STAND_IN_CENTRE)
                plan = msgspec.structs.replace(loaded.plan, centre=centre)
                loaded = msgspec.structs.replace(loaded, plan=plan)
            self._plans[key] = loaded
        return self._plans[key]

    def homes(
        self, files: Sequence[Path], loaded: LoadedPlan, *, shipped: bool
    ) -> list[HomeRecord]:
        """Return the homes of files; of those that the setting was made with where none are named.

        Raises:
            ConfigError: with every problem of every file.
        """
        places = tuple(files) or self._homes
        key = (id(loaded), places)
        if key not in self._kept:
            around = surroundings(self.deployment(shipped=shipped), loaded)
            problems: list[str] = []
            found: list[HomeRecord] = []
            for file in places:
                try:
                    found += load_homes(file, around).homes
                except ConfigError as error:
                    problems += error.problems
            if problems:
                raise ConfigError(problems)
            # Kept with its plan, so that no other plan ever has the same identity.
            self._kept[key] = (loaded, found)
        return self._kept[key][1]


def scenario_files(place: Path) -> list[Path]:
    """Return the scenario files that a place names: the file itself, or those in the folder."""
    if not place.is_dir():
        return [place]
    return sorted(file for file in place.iterdir() if file.name.endswith(SCENARIO_SUFFIXES))


def load_scenarios(file: Path, setting: Setting, phone: PhoneReader) -> ScenarioFile:
    """Read a scenario file.

    Args:
        file: the file; where its rules are not named, one that ships is played under what ships.
        setting: deployment, homes and rules for what the file does not name itself.
        phone: checks how a phone's behaviour is written.

    Raises:
        ConfigError: with everything that is wrong in the file, in its order.
    """
    document = read_document(read_text(file), str(file))
    reader = _Reader(document, file, setting, phone)
    found = reader.read()
    if found is None or reader.problems:
        raise ConfigError(sentences_in_order(reader.problems))
    return found


class _Section(Document):
    """A part of a document's data, at the same places."""

    def __init__(self, whole: Document, data: object) -> None:
        super().__init__(whole.name, data, None)
        self._whole = whole

    def position(self, path: Where, *, key: bool = False) -> tuple[int, int]:
        return self._whole.position(path, key=key)


class _Reader:
    """Reads one document and gathers what is wrong with it."""

    def __init__(
        self, document: Document, file: Path, setting: Setting, phone: PhoneReader
    ) -> None:
        self._document = document
        self._folder = file.parent
        self._shipped = file.resolve().is_relative_to(rules_folder().resolve())
        self._setting = setting
        self._phone = phone
        self.problems: list[str] = []

    def read(self) -> ScenarioFile | None:
        data = self._document.data
        top = Part(self._document, (), data if isinstance(data, dict) else {}, self.problems)
        where: Where = ("scenarios",) if isinstance(data, dict) else ()
        listed = data.get("scenarios") if isinstance(data, dict) else data
        top.has("scenarios")
        loaded = self._plan(top)
        homes = {} if loaded is None else self._homes(top, loaded)
        top.close()
        if not isinstance(listed, list) or not listed:
            top.wrong("a scenario file is a list of scenarios; write - scenario: and its name")
            return None
        if loaded is None or homes is None:
            return None
        found = []
        for index, raw in enumerate(listed):
            part = Part(self._document, (*where, index), raw, self.problems)
            if not isinstance(raw, dict):
                part.wrong("a scenario has keys of its own; write scenario:, home:, start: ...")
                continue
            scenario = self._scenario(part, loaded, homes)
            if scenario is not None:
                found.append(scenario)
        return ScenarioFile(name=self._document.name, loaded=loaded, scenarios=tuple(found))

    # --- what the file is about -----------------------------------------------------------------

    def _plan(self, top: Part) -> LoadedPlan | None:
        named = [self._folder / name for name in top.get("rules", words, ())]
        if self._shipped and not named:
            named = [rules_folder()]
        only = top.get("only", words, ())
        try:
            loaded = self._setting.plan(named, shipped=self._shipped)
        except ConfigError as error:
            self.problems += error.problems
            return None
        known = {rule.name for rule in loaded.plan.rules}
        for index, name in enumerate(only):
            if name not in known:
                inside = ("only", index) if isinstance(top.raw["only"], list) else ("only",)
                top.wrong(f"there is no rule '{name}'; {nearest(name, known)}", *inside)
        if not only:
            return loaded
        kept = tuple(rule for rule in loaded.plan.rules if rule.name in only)
        plan = msgspec.structs.replace(loaded.plan, rules=kept)
        return msgspec.structs.replace(loaded, plan=plan)

    def _homes(self, top: Part, loaded: LoadedPlan) -> Mapping[str, HomeRecord] | None:
        """Return the homes that scenarios may name; None when they cannot be read."""
        raw = top.raw.get("homes") if top.has("homes") else None
        top.has("people")
        inline = isinstance(raw, list) and any(isinstance(one, dict) for one in raw)
        try:
            if inline:
                section = {key: top.raw[key] for key in ("homes", "people") if key in top.raw}
                deployment = self._setting.deployment(shipped=self._shipped)
                around = surroundings(deployment, loaded)
                homes = list(homes_in(_Section(self._document, section), around).homes)
            else:
                named = [self._folder / name for name in top.get("homes", words, ())]
                homes = self._setting.homes(named, loaded, shipped=self._shipped)
        except ConfigError as error:
            self.problems += error.problems
            return None
        return {home.id: home for home in homes}

    # --- one scenario ---------------------------------------------------------------------------

    def _scenario(
        self, part: Part, loaded: LoadedPlan, homes: Mapping[str, HomeRecord]
    ) -> Scenario | None:
        name = part.need("scenario", text, "scenario: and what it shows")
        home = part.need("home", lambda value: _known_home(value, homes), "home: and its id")
        if home is None:
            return None
        zone = ZoneInfo(home.timezone)
        start = part.need("start", lambda value: parse_start(value, zone), _START)
        if start is None:
            return None
        origin = Origin(start, zone)
        stream = StreamReader(home, origin, self._phone)
        for entry in self._entries(part, "stream"):
            stream.entry(entry)
        rules = {*FINDINGS, *(rule.name for rule in loaded.plan.rules)}
        expected = ExpectReader(home, origin, rules=rules, channels=loaded.plan.channels)
        found = [expected.entry(entry) for entry in self._entries(part, "expect")]
        expect = tuple(one for one in found if one is not None)
        ignore = part.get("ignore", words, ())
        for each in ignore:
            known = {*rules, *Priority}
            if each not in known:
                part.wrong(f"'{each}' is no rule and no priority; {nearest(each, known)}", "ignore")
        until = part.get("until", lambda value: parse_moment(value, origin), None)
        phones = self._phones(part, stream)
        part.close()
        happenings = self._in_order(stream.happenings, part, start)
        if until is not None:
            self._none_after(until, happenings, expect)
        return Scenario(
            place=Place(self._document.name, *part.position),
            name=name or "",
            home=home,
            start=start,
            until=_end(start, happenings, expect) if until is None else until,
            happenings=happenings,
            phones=phones,
            expect=expect,
            ignore=frozenset(ignore),
        )

    def _entries(self, part: Part, key: str) -> list[Part]:
        """Return the entries of a list of mappings."""
        raw: Any = part.raw.get(key, []) if part.has(key) else []
        if not isinstance(raw, list):
            part.wrong("must be a list; write lines that begin with -", key)
            return []
        found = []
        for index, entry in enumerate(raw):
            if isinstance(entry, dict):
                where = (*part.path, key, index)
                found.append(Part(self._document, where, entry, self.problems))
            else:
                part.wrong("must have keys of its own; write {at: +0s, ...}", key, index)
        return found

    def _phones(self, part: Part, stream: StreamReader) -> dict[str, object]:
        raw = part.raw.get("phones", {}) if part.has("phones") else {}
        if not isinstance(raw, dict):
            part.wrong("write a line for each phone, like ben: silent", "phones")
            return {}
        inside = Part(self._document, (*part.path, "phones"), raw, self.problems)
        for contact in raw:
            try:
                stream.known_phone(contact)
            except ValueError as error:
                inside.wrong(str(error), contact, key=True)
            inside.get(contact, self._phone, None)
        return raw

    def _in_order(
        self, happenings: Sequence[Happening], part: Part, start: Instant
    ) -> tuple[Happening, ...]:
        ordered = sorted(happenings, key=lambda one: one.at)
        if ordered and ordered[-1].at - start > LATEST:
            part.wrong("goes on for more than 366 days; write fewer times", "stream", key=True)
        twice = overlapping(ordered)
        if twice is not None:
            message = "begins before the outage or stop before it is over; write it later"
            self.problems.append(f"{twice.place}: {message}")
        return tuple(ordered)

    def _none_after(
        self, until: Instant, happenings: Sequence[Happening], expect: Sequence[Expectation]
    ) -> None:
        """Note what a scenario names and never comes to; what began may go on behind its end."""
        begins = {one.place: one.at for one in reversed(happenings)}
        late = [place for place, at in begins.items() if at > until]
        late += [each.place for each in expect if each.first > until]
        message = "lies after the end of the scenario; write a later until, or remove it"
        self.problems += [f"{place}: {message}" for place in late]


_START: Final = "start: 2026-03-28T23:50"


def _known_home(value: object, homes: Mapping[str, HomeRecord]) -> HomeRecord:
    if isinstance(value, str) and value in homes:
        return homes[value]
    if not homes:
        raise ValueError("no homes are known; name their file with --homes, or under homes: here")
    raise ValueError(f"there is no home '{value}'; {nearest(str(value), homes)}")


def _end(start: Instant, happenings: Sequence[Happening], expect: Sequence[Expectation]) -> Instant:
    """Return a little after the last thing that a scenario names.

    What only repeats does not count: a unit that says every half hour that it is well is scenery.
    """
    named = [one.at for one in happenings if not one.again]
    named += [each.last if each.last != ENDLESS else each.first for each in expect]
    return max(named, default=start) + A_LITTLE
