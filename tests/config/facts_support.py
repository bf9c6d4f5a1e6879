"""A home under the rules that ship, whose devices speak their makers' languages.

For the stories of what real devices do: the shipped profiles decode, the pure core decides.
"""

import json

from telecared.config.load import LoadedPlan
from telecared.core.directory import Directory
from telecared.core.events import MessageHeard
from telecared.core.plan import Device
from telecared.core.registered import binding_of
from telecared.core.resolved import Resolved
from telecared.core.vocabulary import DeviceKind, Value
from tests.core.world import HOME, World, record_of


def one(profile: str, topic: str, kind: DeviceKind, name: str = "device", **more: str) -> Device:
    """A registered device; `more` is any text of its entry, such as `address`."""
    return Device(id=name, kind=kind, profile=profile, topic=topic, **more)  # type: ignore[arg-type]


class Lived:
    """One home under the shipped rules.

    Attributes:
        told: what registered devices told: device, property, value, in order.
        strangers: the messages of devices that nobody registered.
        errors: what messages could not be read for.
    """

    def __init__(
        self, shipped: LoadedPlan, *devices: Device, start: str = "2026-03-02T10:00Z"
    ) -> None:
        profiles = {name: each.compiled for name, each in shipped.profiles.items()}
        self.directory = Directory([binding_of(HOME, each) for each in devices], profiles)
        assert self.directory.conflicts == ()
        self.world = World(plan=shipped.plan, record=record_of(devices=devices), start=start)
        self.told: list[tuple[str, str, Value]] = []
        self.strangers: list[Resolved] = []
        self.errors: list[str] = []

    def hears(
        self, topic: str, payload: object, *, retained: bool = False, after: float = 0
    ) -> Resolved:
        """A message comes in, so many seconds after the one before it."""
        self.world.advance(seconds=after)
        text = payload if isinstance(payload, str) else json.dumps(payload)
        found = self.directory.resolve(topic, text.encode(), self.world.at)
        for each in (found, *found.more):
            if each.decoded.error is not None:
                self.errors.append(each.decoded.error)
            if each.binding is None:
                self.strangers.append(each)
                continue
            name = each.binding.device
            self.told += [(name, one.property, one.value) for one in each.decoded.readings]
            self.world.happens(
                MessageHeard(
                    input=self.world.next_input(), at=self.world.at, device=name,
                    readings=each.decoded.readings, retained=retained, qos=1,
                )
            )  # fmt: skip
        return found

    def says(self, name: str = "device") -> dict[str, Value]:
        """The last value of each property that a device told."""
        return {key: value for device, key, value in self.told if device == name}

    def opened(self) -> list[str]:
        """The rules that opened an alert, in order."""
        return [rule for _, rule in self.world.opened()]

    def repeats(self) -> int:
        """How often an alert was told again."""
        return len(self.world.records("alert.repeated"))
