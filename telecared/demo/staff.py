"""Who works at the demo's monitoring centre: one account for each role, its password no secret.

Made-up people of a console that listens on this machine only. A real site has none of them.
"""

from pathlib import Path
from typing import Final, NamedTuple

from telecared.accounts_port import Draft
from telecared.adapters.console_db import ConsoleDb, console_path
from telecared.adapters.entropy import salt
from telecared.adapters.system_clock import wall_now
from telecared.core.operators import Role

PASSWORD: Final = "street-at-dawn"  # noqa: S105 - of the demo's own accounts, and printed


class Member(NamedTuple):
    """Somebody who works there: a name to sign in with, and what they are there for."""

    name: str
    role: Role


STAFF: Final = (
    Member("Olive", Role.OPERATOR),
    Member("Simon", Role.SUPERVISOR),
    Member("Ada", Role.ADMINISTRATOR),
    Member("Ivan", Role.INSTALLER),
    Member("Audrey", Role.AUDITOR),
)


def add_staff(store: Path) -> None:
    """Make the accounts beside a store.

    Raises:
        StoreError: they cannot be made.
    """
    accounts = ConsoleDb(console_path(store), chance=salt)
    try:
        now = wall_now()
        for member in STAFF:
            draft = Draft(name=member.name, role=member.role)
            accounts.add(draft, PASSWORD, must_change=False, by=None, now=now)
    finally:
        accounts.close()
