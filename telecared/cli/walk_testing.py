"""`walk-test`: an installer triggers each device of a home and sees it ticked off.

Words, waiting and ticks. What counts as a test, and that it calls nobody, is `core.walking`; the
record of it stands in the store.
"""

from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.adapters.system_clock import monotonic_seconds, pause, wall_now
from telecared.cli.common import (
    By,
    Config,
    Exit,
    Json,
    UsageError,
    Wait,
    duration_of,
    name_of,
    require_config,
)
from telecared.cli.device_lines import WalkTestLine
from telecared.cli.output import put, say, time_text, warn
from telecared.cli.store import engine_runs, hand_in, log_read, reader_at, require_store
from telecared.config.deployment import Deployment, load_deployment
from telecared.core.events import WalkTestBegun, WalkTestEnded, encode_event
from telecared.core.plan import Device, HomeRecord, decode_home
from telecared.core.state import HomeState, decode_state
from telecared.core.vocabulary import SECOND, DeviceKind, Instant
from telecared.core.windows import rfc3339

LOOK_SECONDS: Final = 0.3
"""How often the store is looked at while the installer walks."""

_ASKS: Final = {
    DeviceKind.ALARM_UNIT: "press its help or test button, or wait for its next message",
    DeviceKind.PERSONAL_TRIGGER: "press it",
    DeviceKind.FIXED_TRIGGER: "pull it",
    DeviceKind.BOGUS_CALLER_BUTTON: "press it",
    DeviceKind.FALL_DETECTOR: "let it fall as its maker says, or press it",
    DeviceKind.ACTIVITY_DETECTOR: "walk past it",
    DeviceKind.OCCUPANCY_DETECTOR: "walk into the room, then out",
    DeviceKind.DOOR_SENSOR: "open and close it",
    DeviceKind.BED_MONITOR: "lie down on it, then get up",
    DeviceKind.CHAIR_MONITOR: "sit down on it, then get up",
    DeviceKind.SMOKE_DETECTOR: "hold its test button",
    DeviceKind.CARBON_MONOXIDE_DETECTOR: "hold its test button",
    DeviceKind.GAS_DETECTOR: "hold its test button",
    DeviceKind.HEAT_DETECTOR: "hold its test button",
    DeviceKind.FLOOD_DETECTOR: "wet its contacts",
    DeviceKind.APPLIANCE_MONITOR: "switch the appliance on and off",
    DeviceKind.TEMPERATURE_SENSOR: "warm it in your hand",
    DeviceKind.MEDICATION_DISPENSER: "turn it to the next dose",
    DeviceKind.VIBRATION_SENSOR: "knock on it",
}
"""What the installer is asked to do; of other kinds, to trigger it."""


def walk_test(
    home: Annotated[str, Parameter(name="HOME", help="The home, like larch-12.")],
    /,
    *,
    by: By,
    lasts: Annotated[
        str, Parameter(name="--for", help="For how long at most, like 45m; up to 4h.")
    ] = "45m",
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Have each device of a home triggered, and tick it off. Nobody is called for a test.

    Ctrl-C ends it early; what was not triggered is on record as not tested. 1 when something was
    not.
    """
    name, length = name_of(by), duration_of(lasts, "--for")
    deployment = load_deployment(require_config(config))
    record, now = _record_of(deployment, home), wall_now()
    there = tuple(device for device in record.devices if device.is_there(now))
    record = msgspec.structs.replace(record, devices=there)
    log_read(deployment.store_path, by=name, what="walk-test", home=home)
    if not engine_runs(deployment.store_path):
        raise UsageError("no daemon is running, so that nothing would be heard: `telecared run`")
    begin = WalkTestBegun(input=0, at=0, by=name, lasts=length)
    began = _command(deployment, home, begin, wait)
    if began is not Exit.FINE:
        return began
    if not as_json:
        say(f"Trigger each of the {len(record.devices)} devices of {home} once. Nobody is called.")
        say("What a device tells later than two minutes after its test is real again.")
        for device in record.devices:
            say(f"  {_named(device)}: {_ASKS.get(device.kind, 'trigger it')}")
    walk = _Walk(deployment, home, record, quiet=as_json)
    try:
        walk.until(monotonic_seconds() + length / SECOND)
    except KeyboardInterrupt:
        if not as_json:
            say("")
    walk.look()
    if walk.runs:
        _command(deployment, home, WalkTestEnded(input=0, at=0, by=name), wait)
    return walk.told(as_json=as_json)


class _Walk:
    """Looks at the store until every device was triggered, and says each that is."""

    def __init__(
        self, deployment: Deployment, home: str, record: HomeRecord, *, quiet: bool
    ) -> None:
        self._deployment = deployment
        self._home = home
        self._devices = record.devices
        self._quiet = quiet
        self._tested: dict[str, Instant] = {}
        self._since: Instant | None = None
        self.runs = True

    def until(self, end: float) -> None:
        """Look until all were triggered, the test was ended elsewhere, or `end` on our clock."""
        while self.runs and len(self._tested) < len(self._devices):
            self.look()
            if monotonic_seconds() >= end:
                return
            pause(LOOK_SECONDS)

    def look(self) -> None:
        """Look once, and say which devices were triggered since the last look."""
        state = _state_of(self._deployment, self._home)
        test = state.walk_test
        self.runs = test is not None and not test.ended
        if self._since is None and test is not None:
            self._since = test.since
        for device in self._devices if self._since is not None else ():
            at = state.tested.get(device.id, 0)
            if at >= (self._since or 0) and device.id not in self._tested:
                self._tested[device.id] = at
                if not self._quiet:
                    done = f"{len(self._tested)}/{len(self._devices)}"
                    say(f"  {done} {_named(device)}: works, heard at {rfc3339(at)[11:19]} UTC")

    def told(self, *, as_json: bool) -> Exit:
        """Print the record: what was tested and what was not; 1 when something was not."""
        missing = [one for one in self._devices if one.id not in self._tested]
        if as_json:
            for one in self._devices:
                at = time_text(self._tested.get(one.id))
                put(WalkTestLine(self._home, one.id, one.kind, one.location, at))
        else:
            say(f"{len(self._tested)} of {len(self._devices)} devices of {self._home} work.")
            for one in missing:
                warn(f"not tested: {_named(one)}")
            if missing and not self.runs:
                warn("the test was ended elsewhere, or its time was over: a trigger is real now")
        return Exit.FINDINGS if missing else Exit.FINE


def _command(
    deployment: Deployment, home: str, event: WalkTestBegun | WalkTestEnded, wait: str
) -> Exit:
    return hand_in(
        deployment,
        kind="walk-test",
        by=event.by,
        home=home,
        body=encode_event(event),
        wait=duration_of(wait, "--wait"),
        as_json=False,
        quiet=True,
    )


def _named(device: Device) -> str:
    place = f" in {device.location}" if device.location else ""
    return f"{device.id} ({device.kind.replace('_', ' ')}{place})"


def _record_of(deployment: Deployment, home: str) -> HomeRecord:
    require_store(deployment.store_path)
    versions = reader_at(deployment.store_path).home_records(home)
    content = versions[-1].content if versions else None
    if content is None:
        raise UsageError(f"there is no home {home}: `telecared import` registers one")
    return decode_home(content)


def _state_of(deployment: Deployment, home: str) -> HomeState:
    ((_, blob),) = reader_at(deployment.store_path).home_states(home=home)
    return decode_state(blob)
