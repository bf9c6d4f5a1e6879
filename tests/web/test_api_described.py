"""The API held against its own description, by requests that nobody thought of."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from starlette.applications import Starlette

from telecared.accounts_port import Draft
from telecared.core.operators import Role
from telecared.core.vocabulary import DAY
from telecared.web.console import build_app
from telecared.web.views.api import ENTRIES, ROOT
from tests.web.centre import Centre
from tests.web.town import LARCH_12

EXAMPLES = 3
"""Of each operation, good ones and bad ones: there are two dozen operations."""


@pytest.fixture(scope="module")
def site(quiet_logs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre in which an alarm stands."""
    made = Centre(tmp_path_factory.mktemp("described")).opened()
    made.presses(LARCH_12)
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(site: Centre) -> Starlette:
    """The same console, asked in this process."""
    return build_app(site.console())


@pytest.fixture(scope="module")
def bearer(site: Centre) -> str:
    """A token of a supervisor."""
    draft = Draft(name="Prober", role=Role.SUPERVISOR)
    return site.accounts.add_token(draft, lasts=DAY, by=None, now=site.now())[1]


AnyCase = schemathesis.Case[Any]

LIMITS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def of_something_real(case: AnyCase) -> None:
    """Name a home and a place that there are, and let no question be held open."""
    if "home" in (case.path_parameters or {}):
        case.path_parameters["home"] = LARCH_12
    if "wait" in (case.query or {}) and str(case.query["wait"]).isdecimal():
        case.query["wait"] = 0
    if str((case.query or {}).get("after", "")).isdecimal():
        case.query["after"] = 0


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_one_that_the_description_tells(
    app: Starlette, bearer: str, mode: GenerationMode
) -> None:
    """No error of ours, no status or shape that is not described, nothing taken that is wrong."""
    described = schemathesis.openapi.from_asgi(f"{ROOT}/openapi.json", app)
    found = list(described.get_all_operations())
    operations = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(operations) == len(found)
    assert len(operations) == len(ENTRIES) - 1
    for operation in operations:

        @LIMITS
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: AnyCase) -> None:
            of_something_real(case)
            case.call_and_validate(headers={"Authorization": f"Bearer {bearer}"})

        holds()
