"""What `adopt` and `record` print with `--json`, as values: what `schema` describes.

Beside `lines`, for the same readers. Filling them is the commands' part.
"""

import msgspec

from telecared.cli.lines import Time


class StrangerLine(msgspec.Struct, frozen=True):
    """A device that speaks and that nobody registered, with the command that registers it.

    `home` is the registered home that it seems to belong to; `kind`, `profile`, `location` and
    `id` are guesses, for which `why` gives the reasons. `tells` are the properties that it told.
    """

    topic: str
    address: str | None
    home: str | None
    id: str
    kind: str | None
    profile: str | None
    model: str | None
    serial: str | None
    location: str | None
    tells: list[str]
    last_heard: Time | None
    why: str
    adopt: str


class RecordLine(msgspec.Struct, frozen=True):
    """What a recording came to.

    `replaced` counts different names, serial numbers and texts, and every location. `left_out`
    are messages that could not be judged, `doubtful` fields with long numbers that were kept,
    `unlike` topics that another profile may read than before.
    """

    messages: int
    replaced: dict[str, int]
    left_out: int
    doubtful: list[str]
    unlike: int
    names_kept: bool
