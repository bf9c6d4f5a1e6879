"""`check`: everything wrong or doubtful in the files of a deployment, offline, all at once.

Puts together what the loaders, the profiles' own examples, `lint`, `rulepairs`, `policycheck`,
`homecheck` and `coverage` find. The broker, the provider and the database are not asked: that is
`preflight`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from telecared.config.claims import Claims
from telecared.config.consentcheck import doubts_of_consent
from telecared.config.coverage import TITLES, CoverageRow, coverage_of
from telecared.config.deployment import Deployment, default_deployment, load_deployment
from telecared.config.findings import Finding, errors, in_order, warning
from telecared.config.heldby import doubts_of_held_by
from telecared.config.homecheck import doubts_of_home
from telecared.config.homes import LoadedHomes, Surroundings, load_homes
from telecared.config.lint import Doubt, doubts_of_rule
from telecared.config.load import LoadedPlan, examine_plan
from telecared.config.policycheck import doubts_of_cancelling, doubts_of_policies
from telecared.config.positions import Document, closest
from telecared.config.positions import Path as Place
from telecared.config.profiles import LoadedProfile, load_profiles, run_examples
from telecared.config.rulepairs import doubts_of_rules
from telecared.core.plan import HomeRecord
from telecared.core.state import HomeState
from telecared.core.vocabulary import Instant
from telecared.errors import ConfigError

STORED_HOMES = "homes in the store"
"""What stands for a file in findings about homes that are already registered."""


class Coverage(NamedTuple):
    """What the coverage report is asked for.

    Attributes:
        at: the instant at which sensors must be live and people be within their hours.
        states: home -> its state, as far as it is at hand.
    """

    at: Instant
    states: Mapping[str, HomeState] = {}


class Report(NamedTuple):
    """What `check` found: findings by file, line and column, and the rows of every home."""

    findings: list[Finding]
    coverage: list[CoverageRow]


def check(
    deployment: Path | Deployment | None = None,
    *,
    homes: Sequence[Path] = (),
    rules: Iterable[Path] | None = None,
    records: Iterable[HomeRecord] = (),
    coverage: Coverage | None = None,
) -> list[Finding]:
    """Return the findings of `examine`."""
    return examine(
        deployment, homes=homes, rules=rules, records=records, coverage=coverage
    ).findings


def examine(
    deployment: Path | Deployment | None = None,
    *,
    homes: Sequence[Path] = (),
    rules: Iterable[Path] | None = None,
    records: Iterable[HomeRecord] = (),
    coverage: Coverage | None = None,
) -> Report:
    """Return every finding and, when it is asked for, the coverage of every home.

    Args:
        deployment: the file, or what was read from it; None for the defaults in this folder.
        homes: files of homes, YAML or CSV.
        rules: files and folders of rules in place of the deployment's own.
        records: homes that are registered already; their findings have no line.
        coverage: None for no coverage report. There is none either while a rule is wrong.
    """
    if isinstance(deployment, Path):
        try:
            deployment = load_deployment(deployment)
        except ConfigError as error:
            # Without it nobody knows which rules and zones are meant, so that homes must wait.
            return Report(in_order(errors(error.problems, "invalid-deployment")), [])
    if deployment is None:
        deployment = default_deployment(Path())
    loaded, found = examine_plan(deployment, rules=rules)
    found += _examples(deployment)
    if loaded is not None:
        found += _rules(loaded)
    looked_at: list[_Placed] = []
    for file in homes:
        try:
            read = load_homes(file, surroundings(deployment, loaded))
        except ConfigError as error:
            found += errors(error.problems, "invalid-homes")
            continue
        found += [*read.warnings, *_schemes(read, deployment)]
        looked_at += [
            _Placed(record, read.document, ("homes", index))
            for index, record in enumerate(read.homes)
        ]
    found += _claimed_twice(looked_at)
    stored = Document(STORED_HOMES, None, None)
    looked_at += [_Placed(record, stored, ()) for record in records]
    rows: list[CoverageRow] = []
    if loaded is not None:
        for home in looked_at:
            found += home.findings(doubts_of_home(loaded.plan, home.record))
            found += home.findings(_unknown_models(loaded, home.record))
            found += home.findings(doubts_of_consent(home.record, coverage and coverage.at))
        rows, holes = _coverage(loaded, looked_at, coverage)
        found += holes
    return Report(in_order(found), rows)


class _Placed(NamedTuple):
    """A home, and where it was read."""

    record: HomeRecord
    document: Document
    path: Place

    def findings(self, doubts: Iterable[Doubt]) -> list[Finding]:
        """Return doubts about it as findings."""
        return [
            _finding(self.document, (*self.path, *doubt.path), doubt, home=self.record.id)
            for doubt in doubts
        ]


def surroundings(deployment: Deployment, loaded: LoadedPlan | None) -> Surroundings:
    """Return what homes may refer to under a deployment; rules that failed are not known."""
    return Surroundings(
        sources=loaded.sources if loaded is not None else {},
        profiles=_profile_names(deployment) if loaded is None else frozenset(loaded.profiles),
        policies=loaded.plan.policy_names if loaded else None,
        people={each.id: each for each in loaded.plan.people} if loaded is not None else {},
        timezone=deployment.site.timezone,
        scheme_timezones=deployment.scheme_timezones,
    )


def _profile_names(deployment: Deployment) -> frozenset[str] | None:
    """Return the profiles that homes may name, though the rules may be wrong."""
    try:
        return frozenset(load_profiles(deployment.device_paths))
    except ConfigError:
        return None  # told by the plan


def _examples(deployment: Deployment) -> list[Finding]:
    """Run the example messages inside each profile."""
    try:
        profiles = load_profiles(deployment.device_paths)
    except ConfigError:
        return []  # told by the plan
    return [finding for profile in profiles.values() for finding in findings_of_examples(profile)]


def findings_of_examples(profile: LoadedProfile) -> list[Finding]:
    """Return what is wrong with the examples of a profile, which are read for this."""
    try:
        return errors(run_examples(profile), "example-differs")
    except ConfigError as error:
        return errors(error.problems, "invalid-profile")


def _rules(loaded: LoadedPlan) -> list[Finding]:
    plan = loaded.plan
    doubts = [(rule, doubt) for rule in plan.rules for doubt in doubts_of_rule(rule)]
    doubts += [*doubts_of_rules(plan.rules), *doubts_of_cancelling(plan)]
    doubts += doubts_of_held_by(plan.rules)
    found = []
    for rule, doubt in doubts:
        source = loaded.sources[rule.name]
        found.append(_finding(source.document, (*source.path, *doubt.path), doubt))
    for policy, doubt in doubts_of_policies(plan):
        written = loaded.policies.get(policy.name)
        if written is not None:
            found.append(_finding(written.document, (*written.path, *doubt.path), doubt))
    return found


def _claimed_twice(homes: Iterable[_Placed]) -> list[Finding]:
    """Return the devices that another file has on the same topic; each file judged itself."""
    claims: Claims[tuple[str, int, int]] = Claims()
    found = []
    for home in homes:
        for number, device in enumerate(home.record.devices):
            path = ("devices", number, "topic")
            line, column = home.document.position((*home.path, *path))
            met = claims.claim(device, (home.document.name, line, column))
            if met is not None:
                (file, line, column), why = met
                message = f"the device at {file}:{line}:{column} {why}"
                found += home.findings([Doubt(path, "same-topic", message, level="error")])
    return found


def _unknown_models(loaded: LoadedPlan, home: HomeRecord) -> Iterator[Doubt]:
    """Yield the models that are nearly the name of one of which their profile knows something.

    Of most models it knows nothing, and need not: they speak like all the others.
    """
    for number, device in enumerate(home.devices):
        profile = loaded.profiles.get(device.profile)
        if profile is None or device.model is None:
            continue
        meant = closest(device.model, profile.profile.models)
        if meant is not None and profile.compiled.model(device.model) is None:
            message = (
                f"profile {device.profile} says nothing special of this model, so that it is read"
                f' like any other; did you mean "{meant}"?'
            )
            yield Doubt(("devices", number, "model"), "unknown-model", message)


def _schemes(read: LoadedHomes, deployment: Deployment) -> list[Finding]:
    schemes = {scheme.id for scheme in deployment.schemes}
    if not schemes:
        return []
    found = []
    for index, record in enumerate(read.homes):
        if record.scheme not in schemes:
            message = (
                f"{deployment.document.name if deployment.document else 'telecared.yaml'} lists"
                f" schemes, and {record.scheme} is not among them: nobody may be listening there"
            )
            where = ("homes", index, "scheme")
            found.append(warning(read.document, where, "unknown-scheme", message, home=record.id))
    return found


def _coverage(
    loaded: LoadedPlan, homes: Iterable[_Placed], wanted: Coverage | None
) -> tuple[list[CoverageRow], list[Finding]]:
    """Return the rows of homes, and each hole as a warning."""
    rows: list[CoverageRow] = []
    found: list[Finding] = []
    if wanted is None:
        return rows, found
    for home in homes:
        state = wanted.states.get(home.record.id)
        own = coverage_of(loaded.plan, home.record, at=wanted.at, state=state)
        rows += own
        holes: dict[str, list[str]] = {}
        for row in own:
            for hole in row.holes:
                holes.setdefault(hole, []).append(TITLES[row.hazard])
        found += home.findings(
            Doubt(("devices",), "coverage-hole", f"{', '.join(dangers)}: {hole}")
            for hole, dangers in holes.items()
        )
    return rows, found


def _finding(document: Document, path: Place, doubt: Doubt, *, home: str | None = None) -> Finding:
    line, col = document.position(path)
    return Finding(
        file=document.name,
        line=line,
        col=col,
        level=doubt.level,
        code=doubt.code,
        message=doubt.message,
        home=home,
    )
