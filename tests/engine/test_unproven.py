"""A provider that takes everything and tells nothing of it: alarms go by another (P5, P8)."""

from telecared.core.vocabulary import Channel, NotificationState, Priority
from telecared.pacing import UNPROVEN_AFTER, UNPROVEN_SECONDS, Proof
from telecared.sending import Providers
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import BEN, PENDANT, WATER, plan_of
from tests.engine.test_outbox import Provider, busy, office
from tests.engine.test_providers import two

PLAN = plan_of(PENDANT, WATER)


class Watch:
    """A clock for a story."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.at


def test_proof_is_missing_when_several_have_no_receipt_for_a_while() -> None:
    """One lost message is one lost message; a receipt of any later one proves the provider."""
    watch = Watch()
    proof = Proof(seconds=watch)
    proof.took()
    watch.at += UNPROVEN_SECONDS
    for _ in range(UNPROVEN_AFTER):
        assert not proof.is_missing
        proof.took()
    watch.at += UNPROVEN_SECONDS
    assert proof.is_missing
    assert proof.turned() is None, "it never gave any: nobody is told that it does not now"
    proof.came()
    assert (proof.is_missing, proof.turned()) == (False, None)
    for _ in range(UNPROVEN_AFTER):
        proof.took()
    watch.at += UNPROVEN_SECONDS
    assert [proof.turned(), proof.turned()] == [True, None]
    proof.came()
    assert [proof.turned(), proof.turned()] == [False, None]


async def test_alarms_go_by_the_provider_that_gives_receipts() -> None:
    """P5: whoever is told next must not be told by the provider that loses everything."""
    watch = Watch()
    providers = Providers(two(Provider(), Provider()), {})
    first, second = providers.of(Channel.SMS)
    for one in (first, second):
        one.proof = Proof(seconds=watch)
    for _ in range(UNPROVEN_AFTER):
        first.proof.took()
    watch.at += UNPROVEN_SECONDS
    for priority in Priority:
        chosen = providers.next(Channel.SMS, BEN, priority, ())
        presses = priority in (Priority.LIFE_SAFETY, Priority.URGENT)
        # What does not press goes on by the first choice, and so finds out when it is back.
        assert chosen is (second if presses else first), priority
    assert providers.next(Channel.SMS, BEN, Priority.URGENT, ("second",)) is first


async def test_people_are_told_that_receipts_have_stopped_and_that_they_are_back(
    night: MakeNight,
) -> None:
    """P8: the silence of a provider is noticed when the next message leaves."""
    async with (
        night(plan=PLAN, delivers=False) as it,
        office(it, None, gateways=two(Provider(), Provider())) as desk,
    ):
        first = desk.outbox._providers.of(Channel.SMS)[0]
        watch = Watch()
        first.proof = Proof(seconds=watch)
        first.proof.came()
        for _ in range(UNPROVEN_AFTER):
            first.proof.took()
        watch.at += UNPROVEN_SECONDS
        await it.press()
        await desk.until_state("ben", NotificationState.SENT)
        assert desk.outbox.awaiting("second") != ()
        assert _findings(it) == ["!provider-unproven|first"]


async def test_what_was_told_of_a_provider_is_over_when_it_works_after_a_restart(
    night: MakeNight,
) -> None:
    """P8: an alert that says that nothing goes out must not stand when all goes well again."""
    async with night(plan=PLAN, delivers=False) as it:
        first = Provider(busy)
        async with office(it, None, gateways={Channel.SMS: [first]}) as desk:
            await it.press()
            await desk.until(lambda: "!sms-failing|" in _findings(it))
        await it.restarts(clean=False)
        async with office(it, None, gateways={Channel.SMS: [Provider()]}) as desk:
            desk.outbox.restore(_findings(it))
            await desk.until_state("ben", NotificationState.SENT)
            await desk.until(lambda: "!sms-failing|" not in _findings(it))


def test_proof_that_was_missing_before_a_restart_is_asked_for_again() -> None:
    """P8: people hear once that it is back."""
    proof = Proof(seconds=Watch())
    proof.restore()
    assert [proof.turned(), proof.turned()] == [False, None]


def _findings(it: Night) -> list[str]:
    site = it.engine.homes.states["@site"]
    return [*site.findings, *site.pending]
