"""Profile files: what may be written, how mistakes are told, and the examples inside each file."""

import re
from pathlib import Path

import pytest

from telecared.config.check import findings_of_examples
from telecared.config.decoding import decode_line
from telecared.config.profile_format import (
    ExamplePart,
    ExampleReading,
    ModelPart,
    ProfilePart,
    ReadingPart,
    SectionPart,
    TimePart,
)
from telecared.config.profiles import (
    LoadedProfile,
    load_profiles,
    read_profile,
    run_examples,
)
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind
from telecared.errors import ConfigError

DEVICES = Path(__file__).parents[2] / "devices"
SHIPPED = load_profiles([DEVICES])
COMPILED = {name: loaded.compiled for name, loaded in SHIPPED.items()}


def _problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_profile(text, "p.yaml")
    return caught.value.problems


@pytest.mark.parametrize("loaded", SHIPPED.values(), ids=SHIPPED.keys())
def test_every_shipped_profile_keeps_the_promises_of_its_examples(loaded: LoadedProfile) -> None:
    """Each file holds example messages with their readings, and they hold."""
    assert run_examples(loaded) == []
    assert len(loaded.examples) >= 5
    assert loaded.document.name.endswith(f"{loaded.profile.name}.yaml")


def test_all_mistakes_of_a_profile_are_told_at_once_with_their_places() -> None:
    """Unknown keys, words, properties, durations and patterns, each with a remedy."""
    text = (
        "profile: p\n"
        'topics: ["a/#"]\n'
        "readings:\n"
        "  - {from: a, property: contct, on: open}\n"
        "  - {from: a, property: contact, on: opn}\n"
        "  - {from: a, property: contact, clears_after: soon, on: open}\n"
        "  - {from: a, property: contact, onn: open}\n"
        "  - {from: a, property: contact}\n"
    )
    told = _problems(text)
    assert [each.split(": ")[0] for each in told] == [
        "p.yaml:2:10",
        "p.yaml:4:25",
        "p.yaml:5:5",
        "p.yaml:6:48",
        "p.yaml:7:34",
        "p.yaml:8:5",
    ]
    assert 'did you mean "contact"?' in told[1]
    assert 'did you mean "open"?' in told[2]
    assert 'did you mean "on"?' in told[4]


def test_an_example_that_does_not_hold_is_told_with_its_place() -> None:
    """Missing, wrong and unexpected readings, times, counters and errors are all mismatches."""
    loaded = read_profile(
        "profile: p\ntopics: [t]\nreadings:\n  - {from: c, property: contact, on: closed}\n"
        "examples:\n"
        "  - {topic: t, payload: {c: true}, readings: {contact: open, smoke: alarm}}\n"
        "  - {topic: t, payload: {c: true}, seq: 4, readings: {contact: closed}}\n"
        "  - {topic: t, payload: {c: nonsense}}\n"
        "  - {topic: t, payload_b64: '%'}\n",
        "p.yaml",
    )
    unknown = 'profile p: it does not know the value of "c"'
    assert run_examples(loaded) == [
        "p.yaml:6:5: promises contact open but decodes to closed",
        "p.yaml:6:5: promises smoke alarm but decodes to nothing",
        "p.yaml:7:5: promises seq 4 but decodes to None",
        f"p.yaml:8:5: promises error False but decodes to {unknown}",
        "p.yaml:9:5: payload_b64 is not base64; encode the bytes again",
    ]


def test_two_files_of_one_name_and_a_missing_folder_are_told_together(tmp_path: Path) -> None:
    """The problems of all files come at once."""
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("profile: same\nreadings: []\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_profiles([tmp_path, tmp_path / "nowhere"])
    missing, twice = sorted(caught.value.problems, key=lambda each: "nowhere" not in each)
    assert "there is no such file or folder" in missing
    assert twice.startswith(f"{tmp_path / 'b.yaml'}:1:10: this profile is also in")


def test_decode_writes_the_line_that_scripts_rely_on() -> None:
    """Device from the message and no home with a profile; both from the directory."""
    line = (
        '{"topic": "telecare/northside/larch-12/hall", '
        '"payload": {"motion": "detected", "at": "2026-03-01T07:04:09Z"}}'
    )
    topic = "telecare/northside/larch-12/hall"
    reading = {
        "home": None,
        "device": "hall",
        "property": "motion",
        "value": "detected",
        "at": "2026-03-01T07:04:09.000000Z",
    }
    expected = {"topic": topic, "readings": [reading], "error": None}
    assert decode_line(COMPILED, "native", None, line) == expected
    assert decode_line(COMPILED, None, None, line) == expected
    hall = DeviceBinding("larch-12", "pir", DeviceKind.ACTIVITY_DETECTOR, "native", topic)
    found = decode_line(COMPILED, None, Directory([hall], COMPILED), line)
    assert found["readings"] == [reading | {"home": "larch-12", "device": "pir"}]


def test_decode_answers_a_broken_line_with_an_error_and_no_readings() -> None:
    """One bad line does not end a pipe."""
    answer = decode_line(COMPILED, "native", None, "not a line")
    assert answer["readings"] == []
    assert answer["error"] is not None


# --- examples wait until they are asked for ----------------------------------------------------

HEAD = "profile: p\nabout: é\ntopics: [t]\nreadings: [{from: c, property: contact, on: closed}]\n"


def test_decoding_does_not_wait_for_the_examples() -> None:
    """They are most of every file: the daemon starts without having parsed them."""
    for loaded in SHIPPED.values():
        assert "examples" not in loaded.document.data, loaded.profile.name


@pytest.mark.parametrize(
    "examples",
    [
        "examples:\n  - {topic: t, payload: {c: true}, readings: {contact: open}}\n",
        "examples:  # why\n# margin\n- {topic: t, payload: {c: true}, readings: {contact: open}}",
        "\n\nexamples: [{topic: t, payload: {c: true}, readings: {contact: open}}]\n",
        '"examples":\n  - {topic: t, payload: {c: true}, readings: {contact: open}}\n',
        "examples:\n  - {topic: t, payload: {c: true}, readings: {contact: open}}\nburst: 3s\n",
        "examples:\n  - topic: t\n    payload: {c: 1}\n    readings: {contact: open}\nburst: 3s\n",
    ],
)
def test_examples_are_found_wherever_they_stand(examples: str) -> None:
    """At the end, before another key, at the margin, in quotes: the place is that of the file."""
    loaded = read_profile(HEAD + examples, "p.yaml")
    line = next(n for n, each in enumerate((HEAD + examples).splitlines(), 1) if "topic: t" in each)
    (told,) = run_examples(loaded)
    assert told.startswith(f"p.yaml:{line}:")
    assert told.endswith("promises contact open but decodes to closed")


def test_an_example_may_repeat_what_stands_before_it() -> None:
    """An alias of YAML reaches back into the part that was read already."""
    text = HEAD.replace("topics: [t]", "topics: [&topic t]")
    loaded = read_profile(
        text + "examples:\n- {topic: *topic, payload: {c: 1}, readings: {contact: closed}}\n", "p"
    )
    assert run_examples(loaded) == []


@pytest.mark.parametrize(
    ("examples", "place"),
    [
        ("examples:\n  - {topic: t, payloadd: {}}\n", "p.yaml:6:16"),
        ("examples:\n  - {topic: t, readings: {contct: open}}\n", "p.yaml:6:26"),
        ("examples:\n  - {topic: t, payload: {a: 1}\n", "p.yaml:7:1"),
        ("examples: none\n", "p.yaml:5:11"),
    ],
)
def test_a_mistake_in_an_example_is_told_by_check(examples: str, place: str) -> None:
    """It stops no daemon, and `check` names its place."""
    loaded = read_profile(HEAD + examples, "p.yaml")
    assert loaded.profile.name == "p"
    finding, *_ = findings_of_examples(loaded)
    assert finding.sentence.startswith(place)
    assert (finding.level, finding.code) == ("error", "invalid-profile")


def test_mistakes_of_a_file_and_of_its_examples_are_told_together() -> None:
    """Once anything before them is wrong, everything is read."""
    text = HEAD.replace("closed", "clozed") + "examples:\n  - {topic: t, payloadd: {}}\n"
    assert [each.split(": ")[0] for each in _problems(text)] == ["p.yaml:4:12", "p.yaml:6:16"]


# --- the page for whoever writes one -----------------------------------------------------------


def test_the_page_about_profiles_names_every_key_and_its_example_holds() -> None:
    """What may be written is written about, and what is written about works."""
    page = (DEVICES.parent / "docs" / "device-profiles.md").read_text(encoding="utf-8")
    example = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0]
    loaded = read_profile(example, "page.yaml")
    assert len(loaded.examples) == 2
    assert run_examples(loaded) == []
    parts = (
        ProfilePart,
        ReadingPart,
        SectionPart,
        TimePart,
        ModelPart,
        ExamplePart,
        ExampleReading,
    )
    keys = {field.alias or name for part in parts for name, field in part.model_fields.items()}
    assert {key for key in keys if not re.search(rf"[`{{ ]{key}[`:,}}]", page)} == set()
