"""Documents of consent in files of homes: read, refused with a place, and missed by `check`."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from telecared.config.check import Coverage, check
from telecared.config.consentcheck import doubts_of_consent
from telecared.config.homes import Surroundings, read_homes
from telecared.core.plan import Consent, HomeRecord, decode_home, encode_home
from telecared.core.vocabulary import DeviceKind
from tests.config.support import refusals
from tests.conftest import REPOSITORY
from tests.core.world import instant

SIGNED = Consent(
    what="GPS tracker", given_by="Mrs Ada Hall", given_on="2026-01-02", until="2026-12-31",
    document="file 12/7",
)  # fmt: skip
HOME = """\
homes:
  - id: larch-12
    scheme: northside
    devices: [{id: gps, kind: tracker}]
    consent:
      - {what: GPS tracker, given_by: Mrs Ada Hall, given_on: 2026-01-02, until: 2026-12-31, document: file 12/7}
"""  # noqa: E501 - a line as people write it


def test_a_document_of_consent_stands_with_the_home(around: Surroundings) -> None:
    """Who gave it, for what, from when, until when and where it is kept; stored with the rest."""
    record = read_homes(HOME, "h.yaml", around).homes[0]
    assert record.consent == (SIGNED,)
    assert decode_home(encode_home(record)) == record


def test_a_table_of_homes_holds_consents_too(around: Surroundings) -> None:
    """A row adds one; an import of a table loses nobody's consent."""
    text = (
        "home,scheme,device_id,device_kind,consent_what,consent_given_by,consent_given_on,"
        "consent_until,consent_document\n"
        "larch-12,northside,gps,tracker,,,,,\n"
        "larch-12,,,,GPS tracker,Mrs Ada Hall,2026-01-02,2026-12-31,file 12/7\n"
    )
    assert read_homes(text, "h.csv", around).homes == read_homes(HOME, "h.yaml", around).homes
    assert refusals(text.replace("2026-01-02", "January"), around, "h.csv") == [
        "h.csv:3:38: must be a day with its year first; write it like 2026-03-01"
    ]


@pytest.mark.parametrize(
    ("written", "instead", "expected"),
    [
        ("given_by: Mrs Ada Hall, ", "", 'h.yaml:6:9: "given_by" is missing'),
        ("2026-12-31", "2025-12-31", "h.yaml:6:82: it cannot end before it was given"),
        ("2026-12-31", "tomorrow", "h.yaml:6:82: must be a day with its year first"),
        ("document", "dokument", '"dokument" is not known here; did you mean "document"?'),
    ],
)
def test_a_slip_in_a_consent_is_told_with_its_place(
    around: Surroundings, written: str, instead: str, expected: str
) -> None:
    """What to write instead stands in each sentence."""
    told = refusals(HOME.replace(written, instead), around)
    assert expected in "\n".join(told)


def codes(record: HomeRecord, at: str | None = None) -> list[str]:
    """What is doubtful about a home's consents, on a day."""
    return [one.code for one in doubts_of_consent(record, None if at is None else instant(at))]


def test_a_home_that_is_watched_without_consent_is_warned_of(around: Surroundings) -> None:
    """A tracker without any document; with one there is nothing to say, nor of a pendant."""
    record = read_homes(HOME, "h.yaml", around).homes[0]
    assert codes(record) == []
    assert codes(replace(record, consent=())) == ["no-consent"]
    pendant = replace(record.devices[0], kind=DeviceKind.PERSONAL_TRIGGER)
    assert codes(replace(record, consent=(), devices=(pendant,))) == []


def test_a_consent_that_ran_out_is_warned_of_when_the_day_is_known(around: Surroundings) -> None:
    """Its last day still counts, by the home's own clocks; the day after it must be renewed."""
    record = read_homes(HOME, "h.yaml", around).homes[0]
    assert codes(record, "2026-12-31T12:00Z") == []
    assert codes(record, "2027-01-01T12:00Z") == ["consent-ended", "no-consent"]
    later = Consent(what="tracker", given_by="Mrs Ada Hall", given_on="2027-01-01")
    renewed = replace(record, consent=(*record.consent, later))
    assert codes(renewed, "2027-01-01T12:00Z") == ["consent-ended"]
    assert codes(replace(record, timezone="Pacific/Auckland"), "2026-12-31T12:00Z") != []


def test_check_tells_of_consent_with_line_and_column(tmp_path: Path) -> None:
    """As warnings: a missing paper silences nobody."""
    (tmp_path / "homes.yaml").write_text(HOME)
    (tmp_path / "telecared.yaml").write_text(f"devices: [{REPOSITORY}/devices/native.yaml]\n")
    found = check(
        tmp_path / "telecared.yaml",
        homes=[tmp_path / "homes.yaml"],
        rules=[],
        coverage=Coverage(instant("2027-01-01T12:00Z")),
    )
    told = [(one.line, one.col, one.level, one.code) for one in found if "consent" in one.code]
    assert told == [(6, 7, "warning", "no-consent"), (6, 82, "warning", "consent-ended")]
