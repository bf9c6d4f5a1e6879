"""Conditions of every kind as people write them, and what each becomes."""

import pytest

from telecared.config.conditions import KINDS, read_condition
from telecared.config.positions import read_document
from telecared.core import when
from telecared.core.vocabulary import HOUR, MINUTE
from telecared.core.when import Area, Condition, Follow, ReadingIs, Window

MOTION = ReadingIs(property="motion", values=("detected",))
NIGHT = (Window(start=1320, end=360),)


def condition_of(text: str) -> Condition:
    """The condition that a flow mapping says."""
    document = read_document(text, "a.yaml")
    condition, problems = read_condition(document, (), document.data)
    assert problems == []
    assert condition is not None
    return condition


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "{property: contact, is: open, at: [hall, attic], between: '22:00-06:00'}",
            ReadingIs(property="contact", values=("open",), at=("hall", "attic"), between=NIGHT),
        ),
        (
            "{property: contact, is: open, for: 5m}",
            when.HeldFor(property="contact", values=("open",), duration=5 * MINUTE),
        ),
        (
            "{inactive_for: 4h, of: [motion, contact], never: dog-flap, at_least: 2, within: 15m}",
            when.InactiveFor(
                duration=4 * HOUR,
                of=("motion", "contact"),
                never=("dog-flap",),
                at_least=2,
                within=15 * MINUTE,
            ),
        ),
        (
            "{none_of: {property: motion}, from: '05:00', by: '11:00'}",
            when.NoneOf(of=(MOTION,), start=300, by=660),
        ),
        (
            (
                "{none_of: [{property: contact}, {property: medication, at: box}],"
                " from: 5:00, by: 9:30}"
            ),
            when.NoneOf(
                of=(
                    ReadingIs(property="contact", values=("closed", "open")),
                    ReadingIs(property="medication", values=("taken",), at=("box",)),
                ),
                start=300,
                by=570,
            ),
        ),
        (
            (
                "{property: occupancy, is: vacant, at: bed, between: '22:00-06:00', within: 30m,"
                " without: {property: motion}}"
            ),
            when.Without(
                first=ReadingIs(
                    property="occupancy", values=("vacant",), at=("bed",), between=NIGHT
                ),
                without=(MOTION,),
                within=30 * MINUTE,
            ),
        ),
        (
            "{property: contact, is: open, then: {property: motion}, within: 10m}",
            when.Followed(
                first=ReadingIs(property="contact", values=("open",)),
                then=(Follow(act=MOTION, within=10 * MINUTE),),
            ),
        ),
        (
            (
                "{property: contact, is: open, within: 10m,"
                " then: {property: motion, then: {property: trigger}, within: 5m}}"
            ),
            when.Followed(
                first=ReadingIs(property="contact", values=("open",)),
                then=(
                    Follow(act=MOTION, within=10 * MINUTE),
                    Follow(
                        act=ReadingIs(property="trigger", values=("pressed",)), within=5 * MINUTE
                    ),
                ),
            ),
        ),
        (
            "{count: {property: motion, apart: 10m}, at_least: 8, within: 12h}",
            when.Count(of=MOTION, at_least=8, within=12 * HOUR, apart=10 * MINUTE),
        ),
        (
            "{property: temperature, below: 16, for: 2h, clear_above: 17.5}",
            when.Compare(property="temperature", below=16.0, clear=17.5, duration=2 * HOUR),
        ),
        (
            "{property: temperature, above: 28, clear_below: 27, at: lounge}",
            when.Compare(property="temperature", above=28.0, clear=27.0, at=("lounge",)),
        ),
        (
            "{property: power, falls_by: 5, within: 1h}",
            when.Changes(property="power", falls_by=5.0, within=HOUR),
        ),
        (
            "{property: location, outside: {centre: [51.5, -0.12], radius: 300}, for: 5m}",
            when.Geofence(outside=Area(centre=(51.5, -0.12), radius=300.0), duration=5 * MINUTE),
        ),
        (
            "{property: location, inside: {points: [[1, 2], [3, 4], [5, 7]]}}",
            when.Geofence(inside=Area(points=((1.0, 2.0), (3.0, 4.0), (5.0, 7.0)))),
        ),
        ("{silent: alarm_unit, for: 45m}", when.Silent(at=("alarm_unit",), duration=45 * MINUTE)),
        (
            "{silent: [alarm_unit, hub], every: 15m, misses: 3}",
            when.Silent(at=("alarm_unit", "hub"), every=15 * MINUTE, misses=3),
        ),
        (
            (
                "{all: [{property: motion, is: detected}, {not: {silent: hub, for: 1h}}], for: 5m,"
                " between: '22:00-06:00'}"
            ),
            when.AllOf(
                of=(MOTION, when.Not(of=when.Silent(at=("hub",), duration=HOUR))),
                duration=5 * MINUTE,
                between=NIGHT,
            ),
        ),
        ("{any: [{property: motion, is: detected}]}", when.AnyOf(of=(MOTION,))),
    ],
)
def test_a_condition_becomes_what_was_meant(text: str, expected: Condition) -> None:
    """Every kind of condition, with the keys that it may have."""
    assert condition_of(text) == expected


def test_every_kind_of_condition_can_be_written() -> None:
    """No struct is without a spelling: people can write all that the core can decide."""
    assert len(KINDS) == len(Condition.__args__)
