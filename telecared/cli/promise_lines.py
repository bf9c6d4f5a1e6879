"""The object that `promises` prints with `--json`.

Names, order and types of the fields are what scripts rely on. Filling it is the command's part.
"""

import msgspec

from telecared.cli.lines import Time


class PromiseLine(msgspec.Struct, frozen=True):
    """What was promised and is not done yet; `missed` when others were told of it.

    `alert` is null where it is about none.
    """

    home: str
    promise: int
    what: str
    by: str
    since: Time
    due: Time
    alert: str | None
    missed: bool
