"""No automatic message rings at an emergency service, nor at a number that takes money for it."""

from pathlib import Path

import pytest

from telecared.config.deployment import load_deployment
from telecared.config.homes import Surroundings, load_homes
from telecared.config.phones import parse_phone
from telecared.errors import ConfigError

BRITISH = "+44"
EMERGENCY = (
    "999", "112", "911", "+44999", "+44112", "+49110", "+49112", "+3315", "+3317", "+3318",
    "+33112", "+1911", "+1112",
)  # fmt: skip
DEAR = {
    f"{BRITISH} 909 879 0000": "premium-rate",
    f"{BRITISH} 871 123 4567": "premium-rate",
    "+49 900 5123456": "premium-rate",
    "+33 899 123456": "premium-rate",
    "+1 900 234 5678": "premium-rate",
    "+33 820 123456": "shared-cost",
    "+49 180 5123456": "shared-cost",
    "+49 137 1234567": "shared-cost",
    f"{BRITISH} 7011 123456": "personal",
    "+49 700 12345678": "personal",
    "+49 11880": "short number",
}
ORDINARY = {
    "+44 7700 900123": "+447700900123",
    "+44 (1632) 960012": "+441632960012",
    "+49 30 123456": "+4930123456",
    "+33 6 12 34 56 78": "+33612345678",
    "+1 212-555-0123": "+12125550123",
}


@pytest.mark.parametrize("number", EMERGENCY)
def test_an_emergency_number_is_refused(number: str) -> None:
    """Of each country, with and without its code; the sentence repeats no digit of it."""
    with pytest.raises(ValueError, match="an emergency number takes no messages") as refused:
        parse_phone(number)

    assert number.lstrip("+") not in str(refused.value)


@pytest.mark.parametrize(("number", "kind"), DEAR.items())
def test_a_number_that_takes_money_is_refused(number: str, kind: str) -> None:
    """Premium, shared cost, personal numbers and enquiry services."""
    with pytest.raises(ValueError, match=kind):
        parse_phone(number)


@pytest.mark.parametrize(("number", "kept"), ORDINARY.items())
def test_an_ordinary_number_is_kept_in_one_form(number: str, kept: str) -> None:
    """However people space it."""
    assert parse_phone(number) == kept


@pytest.mark.parametrize(
    "number", ["15", "07700 900123", "+44 77", "+44x", 447700900123, "+999123"]
)
def test_what_is_no_number_is_refused(number: object) -> None:
    """Short ones without a country, local ones, fragments, and numbers without quotes."""
    with pytest.raises(ValueError, match=r"write|check|text"):
        parse_phone(number)


CENTRE = 'monitoring_centre: {{name: Riverside, sms: "+447700900900", voice: "{number}"}}\n'
DEPLOYMENTS = {
    "sms": 'monitoring_centre: {{name: Riverside, sms: "{number}"}}\n',
    "voice": CENTRE,
    "allow": 'mode: pilot\nallow: ["{number}"]\n',
    "synthetic": 'synthetic: {{number: "{number}"}}\n',
}


@pytest.mark.parametrize("number", ["+44999", f"{BRITISH}9098790000", "+33820123456"])
@pytest.mark.parametrize("place", DEPLOYMENTS)
def test_it_is_refused_wherever_a_deployment_names_a_number(
    tmp_path: Path, place: str, number: str
) -> None:
    """The centre's numbers, the list of a pilot, the phone of the self-test."""
    file = tmp_path / "telecared.yaml"
    file.write_text(DEPLOYMENTS[place].format(number=number), encoding="utf-8")

    with pytest.raises(ConfigError, match="takes no") as refused:
        load_deployment(file)

    assert number not in str(refused.value)


HOME = """
people: [{{id: resp-1, name: Responder, phone: "{person}"}}]
homes:
  - id: larch-12
    scheme: northside
    resident: {{name: Ada Hall, phone: "{resident}"}}
    contacts: [{{id: ben, name: Ben Hall, phone: "{contact}", roles: [carer]}}]
"""


@pytest.mark.parametrize("place", ["person", "resident", "contact"])
def test_it_is_refused_wherever_a_home_names_a_number(
    tmp_path: Path, around: Surroundings, place: str
) -> None:
    """People of many homes, residents and contacts."""
    numbers = dict.fromkeys(("person", "resident", "contact"), "+447700900123")
    file = tmp_path / "homes.yaml"
    file.write_text(HOME.format(**{**numbers, place: "+44999"}), encoding="utf-8")

    with pytest.raises(ConfigError, match="an emergency number"):
        load_homes(file, around)
