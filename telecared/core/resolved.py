"""What the directory says of a message: whose it is, and what it tells.

Finding that out is `directory` and `sharing`; what is done about a stranger is decided elsewhere.
"""

import msgspec

from telecared.core.decode import Decoded
from telecared.core.profiles import DeviceBinding


class Resolved(msgspec.Struct, frozen=True, gc=False):
    """What a message is and whose.

    Attributes:
        home: id of the registered device's home, or None.
        binding: the registered device, or None when nobody registered it.
        decoded: what the message says; for an unregistered device as far as it could be guessed.
        ignored: the topic carries no device's message (a bridge's own state, a command).
        profile: the profile that decoded it, or None when none fits.
        more: further devices that the same message tells of, in its order.
        stranger: how an unknown device is named to people: its topic, and its address where
            several share the topic.
        elsewhere: home and device that are registered under the identity which the message
            carries, where that is another home than the one it speaks in.
        quiet: a stranger of a profile that tells of strangers' alarms only, and no alarm.
    """

    home: str | None
    binding: DeviceBinding | None
    decoded: Decoded
    ignored: bool = False
    profile: str | None = None
    more: tuple["Resolved", ...] = ()
    stranger: str | None = None
    elsewhere: tuple[str, str] | None = None
    quiet: bool = False
