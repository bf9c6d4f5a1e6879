"""A legal hold stands until its end, or until somebody releases it."""

from telecared.core.legal_holds import HoldRow


def test_a_hold_stands_until_the_instant_of_its_end() -> None:
    """At its end it keeps nothing any more; one without an end stands for ever."""
    ending, lasting = HoldRow("larch-12", 1, 0, 10), HoldRow("larch-12", 1, 0, None)

    assert [ending.stands(at) for at in (9, 10)] == [True, False]
    assert lasting.stands(2**62)
