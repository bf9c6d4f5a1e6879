"""`check`: everything wrong or doubtful in the files of a deployment, offline, all at once.

Puts together what the loaders, the profiles' own examples and `homecheck` find. The broker, the
provider and the database are not asked: that is `preflight`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from telecared.config.deployment import Deployment, default_deployment, load_deployment
from telecared.config.findings import Finding, errors, in_order, warning
from telecared.config.homecheck import doubts_of_home, doubts_of_rule
from telecared.config.homes import LoadedHomes, Surroundings, load_homes
from telecared.config.load import LoadedPlan, examine_plan
from telecared.config.positions import Document
from telecared.config.profiles import load_profiles, run_examples
from telecared.core.plan import HomeRecord
from telecared.errors import ConfigError

STORED_HOMES = "homes in the store"
"""What stands for a file in findings about homes that are already registered."""


def check(
    deployment: Path | Deployment | None = None,
    *,
    homes: Sequence[Path] = (),
    rules: Iterable[Path] | None = None,
    records: Iterable[HomeRecord] = (),
) -> list[Finding]:
    """Return every finding, by file, line and column.

    Args:
        deployment: the file, or what was read from it; None for the defaults in this folder.
        homes: files of homes, YAML or CSV.
        rules: files and folders of rules in place of the deployment's own.
        records: homes that are registered already; their findings have no line.
    """
    if isinstance(deployment, Path):
        try:
            deployment = load_deployment(deployment)
        except ConfigError as error:
            # Without it nobody knows which rules and zones are meant, so that homes must wait.
            return in_order(errors(error.problems, "invalid-deployment"))
    if deployment is None:
        deployment = default_deployment(Path())
    loaded, found = examine_plan(deployment, rules=rules)
    found += _examples(deployment)
    if loaded is not None:
        found += _rules(loaded)
    for file in homes:
        found += _homes(file, deployment, loaded)
    if loaded is not None:
        document = Document(STORED_HOMES, None, None)
        for record in records:
            found += _doubts(loaded, record, document, ())
    return in_order(found)


def surroundings(deployment: Deployment, loaded: LoadedPlan | None) -> Surroundings:
    """Return what homes may refer to under a deployment; rules that failed are not known."""
    return Surroundings(
        sources=loaded.sources if loaded is not None else {},
        profiles=_profile_names(deployment) if loaded is None else frozenset(loaded.profiles),
        policies=frozenset(each.name for each in loaded.plan.policies) if loaded else None,
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
    return [
        finding
        for profile in profiles.values()
        for finding in errors(run_examples(profile), "example-differs")
    ]


def _rules(loaded: LoadedPlan) -> list[Finding]:
    return [
        warning(source.document, (*source.path, *doubt.path), doubt.code, doubt.message)
        for source in loaded.sources.values()
        for doubt in doubts_of_rule(source.rule)
    ]


def _homes(file: Path, deployment: Deployment, loaded: LoadedPlan | None) -> list[Finding]:
    try:
        read = load_homes(file, surroundings(deployment, loaded))
    except ConfigError as error:
        return errors(error.problems, "invalid-homes")
    if loaded is None:
        return []
    return [*read.warnings, *_doubts_of_file(read, deployment, loaded)]


def _doubts_of_file(read: LoadedHomes, deployment: Deployment, loaded: LoadedPlan) -> list[Finding]:
    schemes = {scheme.id for scheme in deployment.schemes}
    found = []
    for index, record in enumerate(read.homes):
        path = ("homes", index)
        found += _doubts(loaded, record, read.document, path)
        if schemes and record.scheme not in schemes:
            message = (
                f"{deployment.document.name if deployment.document else 'telecared.yaml'} lists"
                f" schemes, and {record.scheme} is not among them: nobody may be listening there"
            )
            where = (*path, "scheme")
            found.append(warning(read.document, where, "unknown-scheme", message, home=record.id))
    return found


def _doubts(
    loaded: LoadedPlan, record: HomeRecord, document: Document, path: tuple[str | int, ...]
) -> list[Finding]:
    try:
        doubts = doubts_of_home(loaded.plan, record)
    except ValueError as error:
        # Possible for stored homes only: the rule changed after the home's own value was stored.
        where = errors([f"{document.name}:1:1: {error}"], "value-does-not-fit")[0]
        return [_about(where, record.id)]
    return [
        warning(document, (*path, *doubt.path), doubt.code, doubt.message, home=record.id)
        for doubt in doubts
    ]


def _about(finding: Finding, home: str) -> Finding:
    return Finding(
        file=finding.file,
        line=finding.line,
        col=finding.col,
        level=finding.level,
        code=finding.code,
        message=finding.message,
        home=home,
    )
