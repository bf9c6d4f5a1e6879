"""Who may do what at the console, and whose homes they may see."""

import pytest

from telecared.core.operators import MAY, Act, Operator, Role


def an_operator(role: Role = Role.OPERATOR, schemes: tuple[str, ...] | None = None) -> Operator:
    """Return somebody who is signed in."""
    return Operator(id=1, name="Ann Lee", role=role, schemes=schemes)


def test_an_auditor_changes_nothing_but_their_own_password() -> None:
    """Who checks the record must not be able to have written it."""
    reads = {Act.SEE_ALERTS, Act.SEE_HOMES, Act.SEE_REPORTS, Act.SEE_AUDIT}
    assert MAY[Role.AUDITOR] - reads == {Act.OWN_ACCOUNT}


def test_an_installer_sees_no_alerts() -> None:
    """Whoever mends equipment needs the home, not what happened in it."""
    installer = an_operator(Role.INSTALLER)
    assert installer.may(Act.TEST_EQUIPMENT)
    assert not installer.may(Act.SEE_ALERTS)
    assert not installer.may(Act.REVEAL_ACCESS)


def test_every_role_is_told_what_it_may() -> None:
    """A role that the table forgets could do nothing at all."""
    assert set(MAY) == set(Role)
    assert all(Act.OWN_ACCOUNT in acts for acts in MAY.values())
    assert [role for role in Role if Act.MANAGE_PEOPLE in MAY[role]] == [Role.ADMINISTRATOR]


@pytest.mark.parametrize(
    ("home", "scheme", "seen"),
    [
        ("larch-12", "northside", True),
        ("birch-1", "southside", False),
        ("@scheme/northside", None, True),
        ("@scheme/southside", None, False),
        ("@site", None, False),
        ("gone-1", None, False),
    ],
)
def test_who_works_for_one_scheme_sees_its_homes_only(
    home: str, scheme: str | None, seen: bool
) -> None:
    """Neither other schemes, nor the site's own alerts, nor homes of nobody."""
    assert an_operator(schemes=("northside",)).sees(home, scheme) is seen


@pytest.mark.parametrize(
    ("home", "scheme"),
    [("larch-12", "northside"), ("@scheme/southside", None), ("@site", None), ("gone-1", None)],
)
def test_who_works_for_the_whole_site_sees_everything(home: str, scheme: str | None) -> None:
    """No list of schemes means every scheme, and what belongs to none."""
    assert an_operator().sees(home, scheme)
