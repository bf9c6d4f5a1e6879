"""Texts as people write them: languages of a rule, a site's own words, and the room they take."""

from pathlib import Path

import pytest

from telecared.config.deployment import default_deployment
from telecared.config.load import examine_plan, load_plan
from telecared.config.positions import read_document
from telecared.config.spelling import spell_rule
from telecared.config.texts import read_say, read_words

RULE = "rules:\n  fall:\n    when: {property: fall, is: detected}\n    say: "


def findings(folder: Path, text: str) -> list[str]:
    """Every sentence about a rule file."""
    file = folder / "rules.yaml"
    file.write_text(text)
    _, found = examine_plan(default_deployment(folder), rules=[file])
    return [each.sentence for each in found]


def test_a_rule_says_its_text_in_several_languages(tmp_path: Path) -> None:
    """By language; what is spelled back reads the same."""
    file = tmp_path / "rules.yaml"
    file.write_text(RULE + '{en: "Fall. Reply {code}.", cy: "Cwymp. Atebwch {code}."}\n')
    plan = load_plan(default_deployment(tmp_path), rules=[file]).plan
    assert plan.rules[0].say is None
    assert plan.rules[0].says == {"en": "Fall. Reply {code}.", "cy": "Cwymp. Atebwch {code}."}
    assert "Cwymp. Atebwch {code}." in str(spell_rule(plan.rules[0]))


@pytest.mark.parametrize(
    ("written", "place", "told"),
    [
        ('{en: "Fall {home.adress}"}', "4:15", "no field of a text"),
        ('{english!: "Fall."}', "4:11", "is no language"),
        ("{en: 5}", "4:15", "this is no text"),
        ("{}", "4:10", "1 to 40 languages"),
        ("[a, b]", "4:10", "a text is what people are told"),
        (f'{{cy: "{"ŵ" * 150}"}}', "4:15", "takes 3 SMS"),
        (f'"{"long " * 56}{{home.address}}"', "4:10", "cut off after 2"),
    ],
)
def test_a_slip_in_a_text_is_told_with_its_place(
    tmp_path: Path, written: str, place: str, told: str
) -> None:
    """Line and column of the text, or of the language."""
    found = findings(tmp_path, RULE + written + "\n")
    assert any(f"{place}: " in one and told in one for one in found), found


def test_no_text_is_no_problem() -> None:
    """Our own words are said then; braces that do not match are told once, as what they are."""
    document = read_document("say: x\n", "x.yaml")
    assert read_say(document, ("say",), None) == (None, {}, [], [])
    assert len(read_say(document, ("say",), "At {home.address").problems) == 1


def test_a_site_says_our_texts_otherwise_and_in_other_languages(tmp_path: Path) -> None:
    """In any rule file; a later file adds to an earlier one."""
    (tmp_path / "a.yaml").write_text('words: {en: {going: "{who} goes: {what}."}}\n')
    (tmp_path / "b.yaml").write_text(
        'words: {en: {recovered: "Over: {what}."}, it: {finding.broker-lost: "Guasto. {code}"}}\n'
    )
    plan = load_plan(default_deployment(tmp_path), rules=[tmp_path]).plan
    assert plan.words == {
        "en": {"going": "{who} goes: {what}.", "recovered": "Over: {what}."},
        "it": {"finding.broker-lost": "Guasto. {code}"},
    }


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("words: x", "words are written by language"),
        ("words: {cy: x}", "a language has texts by name"),
        ("words: {cy: {gone: x}}", '"gone" is no text of ours'),
        ("words: {cy: {going: 5}}", "this is no text"),
        ('words: {cy: {going: "{who"}}', "the braces do not match"),
        ('words: {cy: {going: "{whom} goes"}}', '"{whom}" is no field of this text'),
        ('words: {cy: {take: "Take it."}}', "without {code} nobody can answer"),
        ('words: {cy: {finding.broker-lost: "{x}"}}', '"{x}" is no field of a text'),
        ('words: {Cymraeg: {going: "x"}}', '"Cymraeg" is no language'),
    ],
)
def test_a_slip_in_own_words_is_told_with_its_place(
    tmp_path: Path, written: str, told: str
) -> None:
    """A text that loses its code would leave somebody without an answer."""
    found = findings(tmp_path, written + "\n")
    assert any("rules.yaml:1:" in one and told in one for one in found), found


def test_no_words_are_no_problem() -> None:
    """An empty section is one that somebody will fill."""
    assert read_words(read_document("words: {}\n", "x.yaml"), {}) == ({}, [])


def test_the_sites_language_is_that_of_its_deployment(tmp_path: Path) -> None:
    """English when it says nothing."""
    assert load_plan(default_deployment(tmp_path)).plan.language == "en"
