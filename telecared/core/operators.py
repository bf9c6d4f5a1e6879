"""Who works at the console, what their role lets them do, and whose homes they may see.

Pure values. How people prove who they are is an adapter's; what a page asks for, the web's.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from telecared.core.events import SITE

SCHEME_PREFIX: Final = "@scheme/"
"""Begins the name under which alerts of a whole scheme stand."""


class Role(StrEnum):
    """What somebody is at the console for."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    INSTALLER = "installer"
    AUDITOR = "auditor"


class Act(StrEnum):
    """What a page or a button asks of whoever uses it."""

    SEE_ALERTS = "see_alerts"
    ACT_ON_ALERTS = "act_on_alerts"
    SEE_HOMES = "see_homes"
    REVEAL_ACCESS = "reveal_access"
    SUSPEND = "suspend"
    TEST_EQUIPMENT = "test_equipment"
    EDIT_HOMES = "edit_homes"
    SEE_REPORTS = "see_reports"
    SEE_AUDIT = "see_audit"
    MANAGE_PEOPLE = "manage_people"
    OWN_ACCOUNT = "own_account"


_OPERATOR: Final = frozenset(
    {
        Act.SEE_ALERTS,
        Act.ACT_ON_ALERTS,
        Act.SEE_HOMES,
        Act.REVEAL_ACCESS,
        Act.SUSPEND,
        Act.OWN_ACCOUNT,
    }
)
_SUPERVISOR: Final = _OPERATOR | {Act.TEST_EQUIPMENT, Act.EDIT_HOMES, Act.SEE_REPORTS}

MAY: Final[Mapping[Role, frozenset[Act]]] = {
    Role.OPERATOR: _OPERATOR,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMINISTRATOR: _SUPERVISOR | {Act.SEE_AUDIT, Act.MANAGE_PEOPLE},
    Role.INSTALLER: frozenset({Act.SEE_HOMES, Act.TEST_EQUIPMENT, Act.OWN_ACCOUNT}),
    Role.AUDITOR: frozenset(
        {Act.SEE_ALERTS, Act.SEE_HOMES, Act.SEE_REPORTS, Act.SEE_AUDIT, Act.OWN_ACCOUNT}
    ),
}
"""What each role lets somebody do; an auditor changes nothing but their own password."""


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever is signed in.

    Attributes:
        id: of the account; what log lines name them by.
        name: under which every act is on record. Personal data.
        schemes: whose homes they may see; None for every scheme.
    """

    id: int
    name: str
    role: Role
    schemes: tuple[str, ...] | None = None

    def may(self, act: Act) -> bool:
        """Whether their role lets them do it."""
        return act in MAY[self.role]

    def sees_scheme(self, scheme: str) -> bool:
        """Whether they may see the homes of a scheme."""
        return self.schemes is None or scheme in self.schemes

    def sees(self, home: str, scheme: str | None) -> bool:
        """Whether they may see a home, a scheme's own alerts, or those of the site.

        Args:
            home: a home's id, `@scheme/ID` or `@site`.
            scheme: of a home that is registered; None where it is not.

        A home that is no longer registered belongs to no scheme, like the site's own alerts: only
        who sees every scheme sees it.
        """
        if home.startswith(SCHEME_PREFIX):
            return self.sees_scheme(home.removeprefix(SCHEME_PREFIX))
        if home == SITE or scheme is None:
            return self.schemes is None
        return self.sees_scheme(scheme)
