"""A home's own values of a rule: the form, the trial on its past, and saving what was shown."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import msgspec
import pytest

from telecared.core.plan import HomeRecord
from telecared.core.vocabulary import HOUR, MINUTE
from telecared.errors import ReplayError
from telecared.web import trial_process, trials
from telecared.web.trial_process import Told, TrialOrder, try_change
from telecared.web.trials import KEPT, MAX_KEPT, MAX_RUNNING, TooMany, Trial, Trials
from telecared.web.values_form import changed_record, fields_of, others_of
from tests.web.centre import OLIVE, SUE, Centre
from tests.web.conftest import IN_MEMORY
from tests.web.residents import cold_homes, csrf_of, of, registered, sent, signed_in, words
from tests.web.town import ELM_3, LARCH_12, OAK_1, town

RECORD = next(home for home in town()[1] if home.id == LARCH_12)
PLAN = town()[0].plan
COLD = next(rule for rule in PLAN.rules if rule.name == "cold-home")


@pytest.fixture(scope="module")
def site(quiet_logs: None) -> Iterator[Centre]:
    """A centre with a cold evening behind it."""
    folder = IN_MEMORY if IN_MEMORY.is_dir() else None
    with TemporaryDirectory(dir=folder) as name:
        made = Centre(Path(name)).opened(cold_homes)
        yield made
        made.close()


@pytest.fixture(scope="module")
def sue(site: Centre) -> Iterator[httpx.Client]:
    """The supervisor's browser."""
    with signed_in(site, SUE) as client:
        yield client


# --- rules and their values -----------------------------------------------------------------------


def test_rules_are_told_in_plain_english_with_where_each_value_comes_from(
    sue: httpx.Client,
) -> None:
    """How each stands now, and which are not in force here and why."""
    said = words(sue.get(of(LARCH_12, "/rules")))
    assert "When the temperature is below 16 (over when back at 17) for 2 h" in said
    assert "cold-home Routine" in said
    assert re.search(r"when\.below : 16 from rules/environment\.yaml:\d+", said)
    assert "Rules that are not in force here" in said
    assert "its mode is off" in said or "it applies to" in said


def test_an_operator_reads_rules_and_does_not_change_them(site: Centre) -> None:
    """Changing a home is a supervisor's."""
    with signed_in(site, OLIVE) as olive:
        page = olive.get(of(LARCH_12, "/rules"))
        assert "Change cold-home" not in page.text
        assert olive.get(of(LARCH_12, "/rules/cold-home")).status_code == 403


def tried(client: httpx.Client, home: str, **values: str) -> httpx.Response:
    """Change values of the cold rule of a home, and come to the trial's page."""
    form = client.get(of(home, "/rules/cold-home"))
    was = re.search(r'name="was" value="(\w+)"', form.text)
    assert was is not None
    fields = {f"value:{path.replace('__', '.')}": value for path, value in values.items()}
    return client.post(
        of(home, "/rules/cold-home/try"),
        data={"csrf": csrf_of(form), "was": was[1], **fields},
        follow_redirects=True,
    )


def ended(client: httpx.Client, page: httpx.Response) -> httpx.Response:
    """A trial's page once it has ended."""
    until = time.monotonic() + 60
    while "is being played" in page.text and time.monotonic() < until:
        time.sleep(0.05)
        page = client.get(page.url)
    return page


def test_a_change_is_tried_on_the_past_and_saved_only_after_that(
    site: Centre, sue: httpx.Client
) -> None:
    """Below 14 instead of 16: last evening's alert would be gone; then it is saved, and holds."""
    page = tried(sue, LARCH_12, when__below="14", when__clear_above="15")
    page = ended(sue, page)
    said = words(page)
    assert "when.below 16 14" in said
    assert "1 alert would be gone" in said
    again = sue.get(of(LARCH_12, f"/rules/cold-home?trial={page.url.path.rpartition('/')[2]}"))
    assert 'name="value:when.below" type="text" value="14"' in again.text
    assert registered(site, LARCH_12).rule_values == {}
    saved = sue.post(f"{page.url.path}/save", data={"csrf": csrf_of(page)}, follow_redirects=True)
    assert "cold-home has its new values in larch-12 from now on." in words(saved)
    assert "when.below : 14 from the home" in words(saved)
    assert registered(site, LARCH_12).rule_values["cold-home"]["when.below"] == 14.0
    stale = sue.post(f"{page.url.path}/save", data={"csrf": csrf_of(page)})
    assert stale.status_code == 409
    assert "changed meanwhile" in words(stale)
    with signed_in(site, OLIVE) as olive:
        assert olive.get(page.url.path).status_code == 403
    form = words(sue.get(of(LARCH_12, "/rules/cold-home")))
    assert "Set by the home; otherwise 16" in form


def test_a_change_is_not_saved_before_its_outcome_was_shown(
    site: Centre, sue: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when somebody sends the form of a page that they never saw."""
    goes_on = threading.Event()

    def plays(_: Trials, trial: Trial, body: bytes) -> None:
        goes_on.wait(20)
        order = msgspec.json.decode(body, type=TrialOrder)
        trial.found = try_change(order, lambda part: None)

    monkeypatch.setattr(Trials, "_follow", plays)
    form = sue.get(of(ELM_3, "/rules/cold-home"))
    was = re.search(r'name="was" value="(\w+)"', form.text)
    assert was is not None
    token = csrf_of(form)
    begun = sue.post(
        of(ELM_3, "/rules/cold-home/try"),
        data={"csrf": token, "was": was[1], "value:mode": "watch"},
    )
    assert begun.status_code == 303
    page = sue.get(begun.headers["location"])
    assert "The past of this home is being played: 0 %." in words(page)
    assert 'http-equiv="refresh"' in page.text
    early = sue.post(f"{begun.headers['location']}/save", data={"csrf": token})
    assert early.status_code == 409
    assert "Look at the outcome first" in words(early)
    goes_on.set()
    page = ended(sue, page)
    assert 'http-equiv="refresh"' not in page.text
    assert "1 would be of another kind" in words(page)
    assert registered(site, ELM_3).rule_values == {}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "Nothing differs from what holds now"),
        ({"when__below": "icy"}, "below"),
        ({"when__for": "2 moons"}, "2 moons"),
        ({"policy": "nobody"}, "there is no policy nobody"),
        ({"when__nothing": "1"}, "nothing"),
        ({"priority": "[routine"}, "priority"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_the_sentence_of_the_files(
    sue: httpx.Client, values: dict[str, str], told: str
) -> None:
    """Beside its field, and nothing is tried."""
    page = tried(sue, OAK_1, **values)
    assert page.status_code == 400
    assert told in words(page)
    assert "There is a problem" in words(page)


def test_half_of_another_value_is_refused(sue: httpx.Client) -> None:
    """A name without a value, or a value without a name, says nothing."""
    here = of(OAK_1, "/rules/cold-home")
    page = sent(sue, here, f"{here}/try", other="cooldown")
    assert "Name the value and write what it is to be" in words(page)
    page = sent(sue, here, f"{here}/try", was="x")
    assert "The record of this home was changed meanwhile" in words(page)


def test_what_is_no_rule_and_no_trial_is_not_there(sue: httpx.Client) -> None:
    """The same for a trial of somebody else."""
    assert sue.get(of(OAK_1, "/rules/no-such")).status_code == 404
    assert sue.get(of(OAK_1, "/trials/no-such")).status_code == 404


# --- the form, apart ------------------------------------------------------------------------------


def changed(record: HomeRecord = RECORD, **written: str) -> Any:  # noqa: ANN401 - what the form makes
    """What the form of the cold rule makes of some values."""
    values = {path.replace("__", "."): value for path, value in written.items()}
    return changed_record(PLAN, COLD, record, values)


def test_the_form_offers_what_a_home_may_have_of_its_own() -> None:
    """With what would hold otherwise; what is the same everywhere is not offered."""
    fields = {field.path: field for field in fields_of(COLD, RECORD)}
    assert fields["when.below"].value == "16"
    assert not fields["when.below"].own
    assert "when.property" not in fields
    assert "cooldown" in fields
    others = others_of(COLD, RECORD)
    assert "when.between" in others
    assert not set(others) & set(fields)


def test_an_own_value_is_kept_until_it_is_taken_back() -> None:
    """What is not written stays; an empty field, or the usual value, takes it back."""
    warm = changed(when__below="18", when__clear_above="19", mode="watch").record
    assert warm.rule_values["cold-home"]["when.below"] == 18.0
    kept = changed(warm, mode="").record
    assert set(kept.rule_values["cold-home"]) == {"when.below", "when.clear"}
    back = changed(kept, when__below="16", when__clear_above="").record
    assert back.rule_values == {}


def test_words_and_lists_are_read_as_files_read_them() -> None:
    """`off` is a word, a list has brackets, and a text may hold a colon."""
    made = changed(when__at="[bedroom, living-room]", when__between="22:00-06:00", say="Cold: go.")
    assert made.problems == {}
    values = made.record.rule_values["cold-home"]
    assert values["when.at"] == ["bedroom", "living-room"]
    assert values["say"] == "Cold: go."


def test_every_wrong_value_is_told_at_once_beside_its_field() -> None:
    """Not one a visit."""
    problems = changed(when__below="icy", when__for="ever").problems
    assert set(problems) == {"when.below", "when.for"}
    assert changed(when__between="[").problems["when.between"]


# --- trials, apart --------------------------------------------------------------------------------


def trial_of(began: int = 0, operator: int = 1) -> Trial:
    """A trial that changes nothing."""
    return Trial(
        operator=operator, rule="cold-home", plan=PLAN, before=RECORD, after=RECORD, began=began
    )


def order_of(store: str) -> TrialOrder:
    """The order for it."""
    return TrialOrder(store=store, plan=PLAN, before=RECORD, after=RECORD)


def waited(trial: Trial, *, seconds: float = 60) -> Trial:
    """A trial that has ended."""
    until = time.monotonic() + seconds
    while trial.running and time.monotonic() < until:
        time.sleep(0.02)
    return trial


def test_a_trial_that_takes_too_long_is_ended(site: Centre) -> None:
    """Its process is gone, and the sentence names another way."""
    ones = Trials(lambda: 0, seconds=0.01)
    trial = trial_of()
    ones.begin(trial, order_of(str(site.path)))
    assert "telecared replay" in waited(trial).error


def test_a_trial_whose_process_cannot_begin_makes_room_again(
    site: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without memory left: it ends with a sentence instead of running for ever."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", refused)
    ones = Trials(lambda: 0)
    for _ in range(MAX_RUNNING + 1):
        trial = trial_of()
        ones.begin(trial, order_of(str(site.path)))
        assert "telecared replay" in waited(trial, seconds=2).error


def test_what_was_tried_under_other_rules_is_not_saved(site: Centre, sue: httpx.Client) -> None:
    """The rules were edited after the trial: its outcome tells nothing about what would hold."""
    page = ended(sue, tried(sue, OAK_1, when__below="13"))
    path = page.url.path
    for one in site.served.trials._trials.values():
        one.plan = msgspec.structs.replace(PLAN, rules=PLAN.rules[1:])
    shown = words(sue.get(path))
    refused = sue.post(f"{path}/save", data={"csrf": csrf_of(page)})
    assert "The rules of the site were changed meanwhile" in shown
    assert refused.status_code == 409
    assert "The rules of the site were changed meanwhile" in words(refused)
    assert registered(site, OAK_1).rule_values == {}


def test_a_trial_is_its_beginner_s_and_lasts_an_hour(
    site: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else finds it, nobody finds it for another home; only so many run and are kept."""
    now = [0]
    ones = Trials(lambda: now[0])
    monkeypatch.setattr(ones, "_follow", lambda trial, body: None)
    first = trial_of()
    order = order_of(str(site.path))
    ones.begin(first, order)
    assert ones.find(first.id, operator=1, home=LARCH_12) is first
    assert ones.find(first.id, operator=2, home=LARCH_12) is None
    assert ones.find(first.id, operator=1, home=OAK_1) is None
    for _ in range(MAX_RUNNING - 1):
        ones.begin(trial_of(), order)
    with pytest.raises(TooMany):
        ones.begin(trial_of(), order)
    first.error = "it ended"
    now[0] = KEPT + MINUTE
    assert ones.find(first.id, operator=1, home=LARCH_12) is None
    several = [trial_of(began=now[0]) for _ in range(MAX_KEPT + 3)]
    for one in several:
        one.error = "it ended"
        ones.begin(one, order)
    assert ones.find(several[0].id, operator=1, home=LARCH_12) is None
    assert ones.find(several[-1].id, operator=1, home=LARCH_12) is several[-1]


def test_when_too_many_are_tried_the_form_says_so(
    site: Centre, sue: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written stays."""
    monkeypatch.setattr(trials, "MAX_RUNNING", 0)
    page = tried(sue, OAK_1, when__below="13")
    assert page.status_code == 400
    assert "wait a minute and try again" in words(page)
    assert 'value="13"' in page.text


def test_a_trial_says_how_far_it_is(site: Centre) -> None:
    """From nothing to everything, over both plays."""
    parts: list[float] = []
    order = msgspec.structs.replace(order_of(str(site.path)), after=RECORD)
    found = try_change(order, parts.append)
    assert found.same == found.alerts[0] == found.alerts[1] == 1
    assert found.until - found.since >= 3 * HOUR
    assert parts == sorted(parts)
    assert parts[-1] > 0.9
    assert all(0 <= part <= 1 for part in parts)


def test_the_process_reads_an_order_and_tells_its_outcome(
    site: Centre, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """One JSON line for each step of the way; a past that cannot be played is a sentence.

    Also in a service that may not stand back behind others.
    """

    def refused(_: int) -> int:
        raise PermissionError

    class Stdin:
        class buffer:  # noqa: N801 - as sys has it
            @staticmethod
            def read() -> bytes:
                return msgspec.json.encode(order_of(str(site.path)))

    monkeypatch.setattr(sys, "stdin", Stdin)
    monkeypatch.setattr(os, "nice", refused)
    trial_process.main()
    told = [
        msgspec.json.decode(line, type=Told) for line in capsysbinary.readouterr().out.splitlines()
    ]
    assert told[-1].found is not None
    assert told[-1].found.same == 1

    def fails(*_: object) -> None:
        raise ReplayError("the past of larch-12 was removed by command 7: nothing to replay")

    monkeypatch.setattr(trial_process, "try_change", fails)
    trial_process.main()
    assert b"removed by command 7" in capsysbinary.readouterr().out
