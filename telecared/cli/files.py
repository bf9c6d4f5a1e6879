"""`check` and `decode`: what people wrote and what devices say, looked at offline.

Nothing here needs a broker, a store or a deployment file. What is right is known by `config`.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.cli.common import Config, Exit, Json, UsageError, find_config, nothing_here
from telecared.cli.contact_findings import contact_findings
from telecared.cli.covering import show, wanted_coverage
from telecared.cli.lines import CheckLine, DecodeLine
from telecared.cli.output import count_of, put, say, warn
from telecared.cli.streams import STDIN, open_lines
from telecared.config.check import examine, findings_of_examples
from telecared.config.decoding import AUTO, decode_line
from telecared.config.deployment import Deployment, default_deployment, load_deployment
from telecared.config.files import read_text, yaml_files
from telecared.config.findings import Finding, errors, in_order, sentences_in_order
from telecared.config.homes import Surroundings, load_homes
from telecared.config.positions import nearest, read_document, sentence
from telecared.config.profiles import load_profiles
from telecared.config.rulefiles import is_scenarios
from telecared.core.directory import Directory
from telecared.core.plan import HomeRecord
from telecared.errors import ConfigError

_KINDS: Final = {
    "homes": "homes",
    "people": "homes",
    "rules": "rules",
    "policies": "rules",
    "rotas": "rules",
    "profile": "profile",
}
"""A key at the top of a file -> what the file is; any other file is a deployment's."""

_OF_A_DEPLOYMENT: Final = Deployment.model_fields.keys() - {"rules", "mode", "allow"}
"""Keys that only a deployment has at its top; it may have `rules` too."""

Homes = Annotated[
    tuple[Path, ...],
    Parameter(
        name="--homes",
        negative=(),
        show_default=False,
        help="A file of homes, YAML or CSV; more than once for more.",
    ),
]
Rules = Annotated[
    tuple[Path, ...],
    Parameter(
        name="--rules",
        negative=(),
        show_default=False,
        help="A file or folder of rules, in place of the deployment's own.",
    ),
]


def check(
    files: Annotated[
        tuple[Path, ...],
        Parameter(
            name="FILE",
            show_default=False,
            help="Files or folders: homes, rules, profiles, a deployment.",
        ),
    ] = (),
    /,
    *,
    homes: Homes = (),
    rules: Rules = (),
    config: Config = None,
    coverage: Annotated[
        bool,
        Parameter(
            name="--coverage",
            negative=(),
            show_default=False,
            help="What each home is guarded against: live sensor, rule, who is told; the holes.",
        ),
    ] = False,
    at: Annotated[
        str | None,
        Parameter(name="--at", help="With --coverage: at this time. Left out: now."),
    ] = None,
    store: Annotated[
        bool,
        Parameter(
            name="--store",
            negative=(),
            show_default=False,
            help="Also contacts whose number failed last, or is stale, as the store knows.",
        ),
    ] = False,
    as_json: Json = False,
) -> Exit:
    """Tell everything that is wrong or doubtful in the files, all at once, offline.

    With --coverage and --json one object a danger of a home is printed, and errors go to stderr.
    """
    sorted_files = _Files(files)
    deployment = _deployment(config, sorted_files)
    found = list(sorted_files.findings)
    people = [*homes, *sorted_files.of["homes"]]
    wanted, stored = wanted_coverage(asked=coverage, at=at, config=deployment)
    report = examine(
        deployment,
        homes=people,
        rules=[*rules, *sorted_files.of["rules"]] or None,
        records=() if people else stored,
        coverage=wanted,
    )
    found += report.findings
    found += _profiles(sorted_files.of["profile"])
    found = in_order(found)
    found += contact_findings(deployment) if store else []
    _tell(found, as_json=as_json, only_errors=coverage and as_json)
    show(report.coverage, as_json=as_json)
    wrong = sum(finding.level == "error" for finding in found)
    if not as_json:
        doubts = count_of(len(found) - wrong, "warning")
        say(f"{count_of(wrong, 'error')}, {doubts}" if found else "nothing to complain about")
        if deployment is None and not (files or homes or rules):
            say(f"{nothing_here()}; only what ships was looked at")
    return Exit.FINDINGS if wrong else Exit.FINE


def _tell(found: Sequence[Finding], *, as_json: bool, only_errors: bool) -> None:
    """Print findings; where stdout belongs to the coverage, only the errors, and on stderr."""
    for finding in found:
        line = f"{finding.file}:{finding.line}:{finding.col}: {finding.level}: {finding.message}"
        if only_errors:
            if finding.level == "error":
                warn(line)
        elif as_json:
            put(check_line(finding))
        else:
            say(line)


def check_line(finding: Finding) -> CheckLine:
    """Return a finding as `check --json` prints it."""
    return CheckLine(
        file=finding.file,
        line=finding.line,
        col=finding.col,
        level=finding.level,
        code=finding.code,
        message=finding.message,
        home=finding.home,
    )


class _Files:
    """Files sorted by what they are, told from their content."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.of: dict[str, list[Path]] = {
            kind: [] for kind in ("homes", "rules", "profile", "deployment")
        }
        self.findings: list[Finding] = []
        for file in files:
            try:
                for one in yaml_files([file]):
                    self.of[_kind(one)].append(one)
            except ConfigError as error:
                self.findings += errors(error.problems, "invalid-file")
        if len(self.of["deployment"]) > 1:
            first, second, *_ = self.of["deployment"]
            raise UsageError(f"{first} and {second} are both deployment files; check one at a time")


def _kind(file: Path) -> str:
    if file.suffix.lower() == ".csv":
        return "homes"
    document = read_document(read_text(file), str(file))
    if is_scenarios(document.data):
        return "rules"  # beside the rules that they try; passed over with them
    if document.data is None:
        message = "the file is empty; write homes:, rules:, policies:, profile: or broker:"
        raise ConfigError([sentence(document, (), message)])
    if not isinstance(document.data, dict):
        message = (
            "this is no file of homes, rules, devices or a deployment; it begins with homes:,"
            " rules:, policies:, profile: or broker:"
        )
        raise ConfigError([sentence(document, (), message)])
    kind = next((_KINDS[key] for key in document.data if key in _KINDS), "deployment")
    if kind == "rules" and _OF_A_DEPLOYMENT & document.data.keys():
        return "deployment"
    return kind


def _deployment(config: Path | None, files: _Files) -> Path | None:
    if files.of["deployment"]:
        if config is not None:
            raise UsageError(
                f"{files.of['deployment'][0]} and {config} are both deployment files; name one"
            )
        return files.of["deployment"][0]
    return find_config(config)


def _profiles(files: list[Path]) -> list[Finding]:
    """Check profiles that were named by themselves, their examples included."""
    try:
        loaded = load_profiles(files)
    except ConfigError as error:
        return errors(error.problems, "invalid-profile")
    return [finding for profile in loaded.values() for finding in findings_of_examples(profile)]


# --- decode -------------------------------------------------------------------------------------


def decode(
    file: Annotated[
        Path,
        Parameter(name="FILE", help='Lines like {"topic": ..., "payload": ...}; - is stdin.'),
    ] = STDIN,
    /,
    *,
    profile: Annotated[
        str | None,
        Parameter(
            name="--profile",
            help="Decode by this profile, or auto: choose one and say why. Needs no home.",
        ),
    ] = None,
    homes: Homes = (),
    config: Config = None,
) -> Exit:
    """Tell what messages say: message lines in, reading lines out, one for one."""
    given = find_config(config)
    deployment = load_deployment(given) if given is not None else default_deployment(Path())
    profiles = load_profiles(deployment.device_paths)
    compiled = {name: loaded.compiled for name, loaded in profiles.items()}
    if profile is not None and profile not in (AUTO, *compiled):
        hint = nearest(profile, (AUTO, *compiled))
        raise UsageError(f"--profile: there is no profile {profile}; {hint}")
    directory = Directory((), compiled)
    if homes:
        from telecared.shard import directory_of

        around = Surroundings(
            profiles=frozenset(profiles),
            timezone=deployment.site.timezone,
            scheme_timezones=deployment.scheme_timezones,
        )
        directory = directory_of(profiles)(read_homes(homes, around))
        if directory.conflicts:
            raise ConfigError(list(directory.conflicts))
    for line in _lines(file):
        if line.strip():
            decoded = decode_line(compiled, profile, directory, line)
            put(msgspec.convert(decoded, DecodeLine, from_attributes=True))
            sys.stdout.flush()
    return Exit.FINE


def read_homes(files: Sequence[Path], around: Surroundings) -> list[HomeRecord]:
    """Return the homes of files.

    Raises:
        ConfigError: with everything that is wrong in them.
    """
    homes: list[HomeRecord] = []
    problems: list[str] = []
    for file in files:
        try:
            homes += load_homes(file, around).homes
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(sentences_in_order(problems))
    return homes


def _lines(file: Path) -> Iterator[str]:
    with open_lines(file) as lines:
        yield from lines
