"""`telecared`: the names of all commands, and how errors become sentences and exit codes.

A command's module is imported when the command is used, so that `--help` stays quick.
"""

import io
import os
import sys
from collections.abc import Sequence
from typing import Final

from cyclopts import App, CycloptsError

from telecared import __version__
from telecared.cli.common import Exit, UsageError
from telecared.cli.output import warn
from telecared.errors import TelecaredError

STDIN: Final = "/dev/stdin"
_READERS: Final = ("decode", "record", "replay", "simulate")

INTERRUPTED: Final = 130
"""What shells expect of a program that Ctrl-C ended."""

_COMMANDS: Final = {
    "run": (
        "telecared.cli.daemon:run",
        "Run the daemon until it is told to stop.",
        "telecared run -c /etc/telecared/telecared.yaml",
    ),
    "console": (
        "telecared.cli.console:console",
        "Serve the console alone, beside a daemon that serves none.",
        "telecared console -c /etc/telecared/telecared.yaml",
    ),
    "demo": (
        "telecared.cli.demo:demo_command",
        "Play a street of simulated homes on this machine, with nothing to set up.",
        "telecared demo --seconds 60 --speed 60",
    ),
    "press": (
        "telecared.cli.demo:press_command",
        "Press a pendant on the street of a running demo.",
        "telecared press --port 1883 larch-12",
    ),
    "check": (
        "telecared.cli.files:check",
        "Tell everything that is wrong or doubtful in the files, all at once, offline.",
        "telecared check --homes homes.yaml",
    ),
    "import": (
        "telecared.cli.importing:import_homes",
        "Register homes from YAML or CSV, or change what is registered of them.",
        'telecared import homes.yaml --by "Ann Lee"',
    ),
    "adopt": (
        "telecared.cli.adopting:adopt",
        "Register a device that speaks and that nobody registered; alone, list all such devices.",
        'telecared adopt larch-12 zigbee2mqtt/pendant --by "Ann Lee"',
    ),
    "alerts": (
        "telecared.cli.looking:alerts",
        "List alerts, newest first. Who looks is kept on record.",
        "telecared alerts --state open",
    ),
    "notifications": (
        "telecared.cli.notifications:notifications",
        "Show who was told of an alert, by whom, and every moment of each message.",
        "telecared notifications larch-12/3",
    ),
    "ack": (
        "telecared.cli.acting:ack",
        "Take an alert: a named person has it, for a time.",
        'telecared ack larch-12/3 --by "Ben Hall" --lease 30m',
    ),
    "snooze": (
        "telecared.cli.acting:snooze",
        "Hold an alert for a stated time; after it the escalation goes on.",
        'telecared snooze larch-12/3 --for 20m --by "Ben Hall"',
    ),
    "hand-over": (
        "telecared.cli.acting:hand_over",
        "Give an alert to somebody else, who has it from then on.",
        'telecared hand-over larch-12/3 --to "Cara Singh" --contact cara --by "Ann Lee"',
    ),
    "update": (
        "telecared.cli.acting:update",
        "Say how far you are with an alert that you have, or note what is new.",
        'telecared update larch-12/3 --on-the-way 10m --by "Ben Hall"',
    ),
    "escalate": (
        "telecared.cli.acting:escalate",
        "Have the next step told at once, whoever has the alert.",
        'telecared escalate larch-12/3 --by "Ann Lee" --note "She does not answer."',
    ),
    "decline": (
        "telecared.cli.acting:decline",
        "Note that a contact cannot go: the next is told at once.",
        'telecared decline larch-12/3 --contact ben --by "Ann Lee"',
    ),
    "call": (
        "telecared.cli.contacting:call",
        "Note that you rang somebody about an alert, and what came of it.",
        'telecared call larch-12/3 --contact ben --result no-answer --by "Ann Lee"',
    ),
    "message": (
        "telecared.cli.contacting:message",
        "Write to somebody about an alert, in your own words.",
        'telecared message larch-12/3 --to ben --text "The key is outside." --by "Ann Lee"',
    ),
    "link": (
        "telecared.cli.contacting:link",
        "End an alert as a duplicate of another, which goes on.",
        'telecared link larch-12/3 --to larch-12/2 --by "Ann Lee"',
    ),
    "promise": (
        "telecared.cli.promising:promise",
        "Note what somebody promised; others are told when nobody has kept it.",
        'telecared promise larch-12 "to ring her back" --in 30m --by "Ann Lee"',
    ),
    "promise-kept": (
        "telecared.cli.promising:promise_kept",
        "Note that what was promised is done.",
        'telecared promise-kept larch-12 1 --by "Ann Lee"',
    ),
    "promises": (
        "telecared.cli.promising:promises",
        "List what was promised and is not done yet.",
        "telecared promises larch-12",
    ),
    "plan-for": (
        "telecared.cli.suspending:plan_for",
        "Say what is done until a fault is mended, so that it is not told again every day.",
        'telecared plan-for larch-12/3 --for 14d --by "Ann Lee" --note "A neighbour looks in."',
    ),
    "suspend": (
        "telecared.cli.suspending:suspend",
        "State that a home is not as usual for a time: away, hospital, holiday, visitor, ...",
        'telecared suspend larch-12 --kind hospital --for 3d --by "Ann Lee"',
    ),
    "silence": (
        "telecared.cli.suspending:silence",
        "Have findings page nobody for a time; life safety is told all the same.",
        'telecared silence larch-12 --rule cold-home --for 2h --by "Ann Lee"',
    ),
    "operators": (
        "telecared.cli.operators:operators",
        "List who may sign in to the console.",
        "telecared operators",
    ),
    "operator": (
        "telecared.cli.operators:operator",
        "Add people to the console, give them passwords, let them out; make API tokens.",
        'telecared operator add "Ann Lee" --role administrator',
    ),
    "rota": (
        "telecared.cli.rota:rota",
        "Show who is on duty, now and in the coming days; put somebody else on duty for a time.",
        "telecared rota show supervisors --days 14",
    ),
    "incidents": (
        "telecared.cli.storming:incidents",
        "List incidents: many silent alarm units at once, with their likely cause.",
        "telecared incidents --scheme northside",
    ),
    "outages": (
        "telecared.cli.storming:outages",
        "List whose alarm could have been missed in an outage, in order of risk.",
        "telecared outages --scheme northside",
    ),
    "outage-check": (
        "telecared.cli.storming:outage_check",
        "Say what was found in a home that stands on an outage list.",
        'telecared outage-check larch-12 --outcome ok --by "Ann Lee"',
    ),
    "held": (
        "telecared.cli.storming:held",
        "List what was held back and why: silences, absences, incidents, caps, groups.",
        "telecared held --home larch-12 --since 1d",
    ),
    "resolve": (
        "telecared.cli.acting:resolve",
        "End an alert, and say how it ended.",
        'telecared resolve larch-12/3 --outcome assistance_given --by "Ben Hall"',
    ),
    "events": (
        "telecared.cli.looking:events",
        "List what devices sent, newest last. Who looks is kept on record.",
        "telecared events --home larch-12 --since 2h",
    ),
    "devices": (
        "telecared.cli.equipment:devices",
        "List devices: last heard, battery, link, tests, and what is overdue.",
        "telecared devices larch-12 --overdue",
    ),
    "walk-test": (
        "telecared.cli.walk_testing:walk_test",
        "Have an installer trigger each device of a home, and tick it off. Nobody is called.",
        'telecared walk-test larch-12 --by "Ivy Cole"',
    ),
    "decode": (
        "telecared.cli.files:decode",
        "Tell what messages say: message lines in, reading lines out, one for one.",
        "mosquitto_sub -t 'northside/#' -F %j | telecared decode --profile zigbee2mqtt",
    ),
    "test": (
        "telecared.cli.testing:play_scenarios",
        "Play scenarios: rules, escalation, delivery and people in virtual time.",
        "telecared test rules/ --homes homes.yaml",
    ),
    "replay": (
        "telecared.cli.replaying:replay",
        "Play a recording, or the stored inputs, through the rules in virtual time.",
        "telecared replay night.jsonl.gz --homes homes.yaml --rules rules/",
    ),
    "rules": (
        "telecared.cli.ruling:rules",
        "Say in plain English what each rule does; for a home, where each value comes from.",
        "telecared rules larch-12 --rule not-up",
    ),
    "explain": (
        "telecared.cli.explaining:explain_home",
        "Say why each rule did or did not fire in a home at a time, and what comes next.",
        "telecared explain larch-12 --at 2026-03-01T02:10 --rule no-movement",
    ),
    "preview": (
        "telecared.cli.previewing:preview",
        "Say who would be told if something happened in a home, by what channel, and when.",
        'telecared preview larch-12 "fall at 02:10 on Sunday"',
    ),
    "simulate": (
        "telecared.cli.simulate:simulate_command",
        "Publish the messages of simulated homes, or of a recording.",
        "telecared simulate --stream night.jsonl --speed 60",
    ),
    "score": (
        "telecared.cli.scoring:score",
        "Hold alerts against what the simulator knows to have happened: found, missed, false.",
        "telecared score --truth truth.jsonl --stream homes.jsonl.gz --homes homes.yaml",
    ),
    "record": (
        "telecared.cli.recording:record",
        "Write a stream to a file with names replaced, fit to be sent to others.",
        "telecared record --topic 'northside/#' --seconds 600 --out night.jsonl.gz",
    ),
    "backup": (
        "telecared.cli.keeping:backup",
        "Make a verified copy of the store, in use or not.",
        "telecared backup /srv/backups/telecared.db",
    ),
    "restore": (
        "telecared.cli.keeping:restore",
        "Put a backup in the place of the store, which is kept beside it.",
        "telecared restore /srv/backups/telecared.db --yes",
    ),
    "verify": (
        "telecared.cli.keeping:verify",
        "Check the store from end to end: file, chain, tables, states, ledger.",
        "telecared verify",
    ),
    "report": (
        "telecared.cli.reporting:report",
        "Tell what happened in a month: answers, outcomes, false activations, faults, outages.",
        "telecared report --month 2026-10 --html october.html",
    ),
    "latency": (
        "telecared.cli.reporting:latency",
        "Tell how long it took from a sensor to a named person, by path.",
        "telecared latency --since 30d",
    ),
    "contacts": (
        "telecared.cli.reaching:contacts",
        "List contacts: when each was last reached, what failed, whose number is stale.",
        "telecared contacts --failed",
    ),
    "export": (
        "telecared.cli.exporting:export",
        "Write everything that is held about a home and its resident to a file.",
        'telecared export larch-12 --to larch-12.zip --by "Ann Lee"',
    ),
    "erase": (
        "telecared.cli.erasing:erase",
        "Remove everything personal of a home and its people, for good.",
        'telecared erase larch-12 --by "Ann Lee" --reason "The family asked for it."',
    ),
    "hold": (
        "telecared.cli.erasing:hold",
        "Keep everything of a home until a legal hold ends; alone, list the homes that are held.",
        'telecared hold larch-12 --by "Ann Lee" --reason "An inquest is open." --until 2027-12-31',
    ),
    "schema": (
        "telecared.cli.schemas:schema",
        "Print the JSON schema of a kind of file, or of what a command prints with --json.",
        "telecared schema rules",
    ),
}
"""Command -> where it is, what it does, and an example."""


def make_app() -> App:
    """Return the application with every command."""
    app = App(
        name="telecared",
        version=__version__,
        help="A telecare alert daemon that can prove that no alarm was dropped.",
        help_epilogue=(
            "Exit codes: 0 fine, 1 findings or refused, 2 usage, 3 accepted but not yet done."
        ),
        help_format="plaintext",
    )
    for order, (name, (place, does, example)) in enumerate(_COMMANDS.items()):
        help_text = f"{does}\n\nExample: {example}"
        app.command(place, name=name, help=help_text, sort_key=order)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors are sentences on stderr.

    Args:
        arguments: None for those of this process.
    """
    given = _stdin_named(sys.argv[1:] if arguments is None else list(arguments))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that the terminal cannot show must not end a command half-way.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has enough. Python would complain once more when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FINE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _stdin_named(arguments: list[str]) -> list[str]:
    """Name stdin where a command that reads a stream is given `-`."""
    if not arguments or arguments[0] not in _READERS:
        return arguments
    return [STDIN if each == "-" else each for each in arguments]


def _run(arguments: list[str]) -> int:
    try:
        code = make_app()(
            arguments, result_action="return_value", exit_on_error=False, print_error=False
        )
    except CycloptsError as error:
        warn(f"{error} See telecared --help.")
        return Exit.USAGE
    except UsageError as error:
        warn(str(error))
        return Exit.USAGE
    except TelecaredError as error:
        warn(str(error))
        return Exit.FINDINGS
    return code if isinstance(code, int) else Exit.FINE
