"""Phone numbers of people: written with their country code, kept in E.164.

Emergency, premium-rate and shared-cost numbers are refused: an automatic message must never ring
there. Numbers are personal data, so that no sentence here repeats one.
"""

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult
from phonenumbers.shortnumberinfo import is_emergency_number, is_valid_short_number_for_region

MAX_SHORT_DIGITS: Final = 6
"""Longest number that is dialled without an area code."""

_DEAR: Final = {
    PhoneNumberType.PREMIUM_RATE: "premium-rate",
    PhoneNumberType.SHARED_COST: "shared-cost",
    PhoneNumberType.PERSONAL_NUMBER: "personal (forwarded at the caller's cost)",
}
"""Whoever calls pays for these beyond the call: none is a person's own line."""

_SHORT: Final = re.compile(rf"\+?[0-9]{{2,{MAX_SHORT_DIGITS}}}")
_DIGITS: Final = re.compile(r"\+[0-9 ()./-]*")


def parse_phone(value: object) -> str:
    """Return a phone number as E.164, `+447700900123`.

    Numbers set aside for drama are taken: what is asked is whether the number is possible, not
    whether somebody answers.

    Raises:
        ValueError: with a sentence that does not repeat the number.
    """
    if not isinstance(value, str):
        raise ValueError('must be text; put the number in quotes, like "+447700900123"')
    text = value.strip()
    if _SHORT.fullmatch(text) and _is_emergency(text.lstrip("+"), "GB"):
        raise ValueError(_EMERGENCY)
    if not text.startswith("+"):
        raise ValueError(
            "a phone number begins with + and the country code; write it like +447700900123"
        )
    if not _DIGITS.fullmatch(text):
        raise ValueError("not a phone number; write it like +447700900123")
    try:
        number = phonenumbers.parse(text, None)
    except NumberParseException:
        raise ValueError("not a phone number; write it like +447700900123") from None
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    if _is_emergency(str(number.national_number), region):
        raise ValueError(_EMERGENCY)
    # Not `is_possible_number`, which also takes a number that lacks its area code.
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise ValueError("too long or too short for its country; check the digits")
    kind = phonenumbers.number_type(number)
    if kind in _DEAR:
        raise ValueError(f"a {_DEAR[kind]} number takes no alerts; write an ordinary number")
    if is_valid_short_number_for_region(number, region):
        raise ValueError("a short number is a service and nobody's phone; write an ordinary number")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


_EMERGENCY: Final = (
    "an emergency number takes no messages; write the number of a person or a monitoring centre"
)


def _is_emergency(digits: str, region: str) -> bool:
    return bool(is_emergency_number(digits, region)) or digits in ("112", "911", "999")
