"""Which device a topic and an address belong to, over one file of homes or several.

Two that stand there at one time must be told apart by what a message names. What is said about it
is told by whoever asks.
"""

from typing import Generic, TypeVar

from telecared.core.addresses import canonical
from telecared.core.plan import Device
from telecared.core.registered import same_time

Where = TypeVar("Where")


class Claims(Generic[Where]):
    """Topics and addresses with those who have them. `Where` is how a device is found again."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], list[tuple[Device, Where]]] = {}
        self._spoken: dict[str, dict[str, list[tuple[Device, Where]]]] = {}

    def claim(self, device: Device, where: Where) -> tuple[Where, str] | None:
        """Note a device, or return which one is in its way, and why."""
        names = [canonical(code) for code, _, _ in device.codes]
        if device.address is not None or not names:
            names.append(canonical(device.address or ""))
        by_profile = self._spoken.setdefault(device.topic, {})
        for profile, others in by_profile.items():
            for other, there in others if profile != device.profile else ():
                if same_time(device, other):
                    return there, f"speaks profile {profile} on this topic; give each its own topic"
        for name in names:
            for other, there in self._taken.get((device.topic, name), ()):
                if same_time(device, other):
                    return there, (
                        "has the same topic and address, so that its messages could be of either;"
                        " give each an address"
                    )
        by_profile.setdefault(device.profile, []).append((device, where))
        for name in dict.fromkeys(names):
            self._taken.setdefault((device.topic, name), []).append((device, where))
        return None
