"""Lines of a stream as `telecared decode` tells them: by a profile, by registration, by choice.

What a message says is `core.decode`, whose it is `core.directory`; here both become plain values.
"""

from collections.abc import Mapping
from typing import Final

from telecared.core.decode import CompiledProfile
from telecared.core.decode import decode as decode_message
from telecared.core.directory import Directory
from telecared.core.readings import Reading
from telecared.core.resolved import Resolved
from telecared.core.streams import parse_stream_line, stamp
from telecared.errors import ReplayError

AUTO: Final = "auto"
"""In place of a profile's name: whichever reads a message best."""


def decode_line(
    profiles: Mapping[str, CompiledProfile],
    profile: str | None,
    directory: Directory | None,
    line: str,
) -> dict[str, object]:
    """Return what `telecared decode` writes for one line of a stream.

    With `profile` its patterns name the device and home is null. Otherwise `directory` finds the
    registered device; without either every profile is tried. `AUTO` does so too, and adds which
    profile was chosen and why. Never raises for any line: what is wrong stands under `error`.
    """
    chosen: dict[str, object] = {}
    try:
        message = parse_stream_line(line)
    except ReplayError as error:
        nothing: dict[str, object] = {"topic": None, "readings": [], "error": str(error)}
        chosen = {"profile": None, "why": "the line is no message"} if profile == AUTO else {}
        return nothing | chosen
    if profile is not None and profile != AUTO:
        decoded = decode_message(profiles[profile], message.topic, message.payload)
        told: list[tuple[str | None, Reading]] = [(None, each) for each in decoded.readings]
    else:
        known = directory or Directory((), profiles)
        resolved = known.resolve(message.topic, message.payload)
        decoded = resolved.decoded
        several = (resolved, *resolved.more)
        told = [(one.home, reading) for one in several for reading in one.decoded.readings]
        if profile == AUTO:
            why = _why(known, resolved, message.topic, message.payload)
            chosen = {"profile": resolved.profile, "why": why}
    readings = [
        {
            "home": home,
            "device": reading.device or None,
            "property": reading.property,
            "value": reading.value,
            "at": None if reading.at is None else stamp(reading.at),
        }
        for home, reading in told
    ]
    return {"topic": message.topic, "readings": readings, "error": decoded.error, **chosen}


def _why(directory: Directory, resolved: Resolved, topic: str, payload: bytes) -> str:
    """Return one sentence that says why a profile was chosen for a message."""
    owner = next((one for one in (resolved, *resolved.more) if one.binding is not None), None)
    if owner is not None and owner.binding is not None:
        return f"{owner.home}/{owner.binding.device} is registered with it"
    return directory.choose(topic, payload)[1]
