"""Several providers of one channel: the next at once, each asked for what it was given (P4, P8)."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from telecared import sending
from telecared.core.vocabulary import Channel, NotificationState, Priority
from telecared.delivery import Pauses
from telecared.errors import GatewayError
from telecared.pacing import FAILING_AFTER
from telecared.ports import Outgoing, Sent
from tests.engine.conftest import MakeNight
from tests.engine.night import Night
from tests.engine.scenery import BEN, PENDANT, WATER, home, plan_of
from tests.engine.test_outbox import (
    Provider,
    busy,
    cannot_be_asked,
    loses_the_answer,
    office,
    refuses,
    takes,
)

PLAN = plan_of(PENDANT, WATER)
LS = Priority.LIFE_SAFETY


def too_fast(message: Outgoing) -> Sent:
    """The provider asks for a minute."""
    raise GatewayError("429", permanent=False, code="429", too_fast=True, retry_after=60.0)


class Hanging(Provider):
    """A provider that never answers a send."""

    async def send(self, message: Outgoing) -> Sent:
        """Take it, perhaps, and say nothing."""
        self.asked.append(f"send {message.notification}")
        await asyncio.Event().wait()
        raise AssertionError


def named(name: str, provider: Provider) -> Provider:
    """The provider by another name."""
    provider.name = name
    return provider


def two(first: Provider, second: Provider) -> dict[Channel, Sequence[Provider]]:
    """First choice and fallback."""
    return {Channel.SMS: [named("first", first), named("second", second)]}


def has_taken(provider: Provider, count: int) -> bool:
    """Whether it has taken so many messages."""
    return len(provider.taken) == count


def stages_of(night: Night, notification: str) -> list[tuple[str, str]]:
    """The life of a notification: stages and providers, in order."""
    found = night.store._connection.execute(
        "SELECT e.stage, e.provider FROM notification_evidence e"
        " JOIN notifications n ON n.seq = e.notification WHERE n.id = ? ORDER BY e.id",
        (notification,),
    )
    return [(stage, provider) for stage, provider in found.fetchall()]


async def test_when_the_first_provider_errs_the_second_sends_at_once(night: MakeNight) -> None:
    """P5: no pause lies between a refusal of everybody's messages and the next provider."""
    async with night(plan=PLAN, delivers=False) as it:
        first, second = Provider(refuses("20003")), Provider()
        async with office(
            it, None, gateways=two(first, second), pauses=Pauses(retry=(3600.0,))
        ) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)
        assert [one.number for one in second.taken] == [BEN]
        assert stages_of(it, "h001/1-1") == [
            ("queued", ""),
            ("attempt", "first"),
            ("failed", "first"),
            ("attempt", "second"),
            ("accepted", "second"),
            ("sent", "second"),
        ]


async def test_when_the_first_provider_is_slow_an_alarm_goes_by_the_second(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P4: it is asked once what became of it; in doubt the alarm is sent by the second."""
    monkeypatch.setattr(sending, "TAKE_SECONDS", dict.fromkeys(Priority, 0.02))
    async with night(plan=PLAN, delivers=False) as it:
        first, second = Hanging(), Provider()
        first.finds = [cannot_be_asked]
        async with office(it, None, gateways=two(first, second)) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)
        assert first.asked == ["send h001/1-1", "find h001/1-1"]
        assert second.asked == ["send h001/1-1"]


async def test_what_the_slow_provider_did_take_is_not_doubled(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P4: found where it was attempted, so nobody else sends it."""
    monkeypatch.setattr(sending, "TAKE_SECONDS", dict.fromkeys(Priority, 0.02))
    async with night(plan=PLAN, delivers=False) as it:
        first, second = Hanging(), Provider()
        first.finds = [takes]
        async with office(it, None, gateways=two(first, second)) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)
            assert desk.outbox.awaiting("first") == ("SM-h001/1-1",)
            assert desk.outbox.awaiting("second") == ()
        assert second.asked == []


async def test_a_number_without_a_route_may_have_one_by_the_second_provider(
    night: MakeNight,
) -> None:
    """P5: a refusal of this message by one is final only where the number takes none at all."""
    async with night(plan=PLAN, delivers=False) as it:
        first, second = Provider(refuses("21612")), Provider()
        async with office(it, None, gateways=two(first, second)) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)
        assert it.inputs("finding") == []


async def test_a_number_that_takes_nothing_is_not_tried_by_the_second(night: MakeNight) -> None:
    """P5: whoever said STOP said it to us, not to a provider."""
    async with night(plan=PLAN, delivers=False) as it:
        first, second = Provider(refuses("21610"), takes), Provider()
        async with office(it, None, gateways=two(first, second)) as desk:
            await it.press()
            await desk.until_state("cara", NotificationState.SENT)
        assert [one.notification for one in second.taken] == []


async def test_after_a_crash_the_provider_of_the_attempt_is_asked(night: MakeNight) -> None:
    """P4: the row names it; the others know nothing of the message."""
    async with night(plan=PLAN, delivers=False) as it:
        await it.press()
        page = it.open_notification("ben")
        await it.store.begin_attempt(page, it.clock.at, provider="second")
        await it.restarts(clean=False)
        first, second = Provider(), Provider()
        second.finds = [takes]
        async with office(it, None, gateways=two(first, second)) as desk:
            await desk.until_state("ben", NotificationState.SENT)
        assert (first.asked, second.asked) == ([], [f"find {page}"])


async def test_an_attempt_at_a_provider_that_is_gone_is_doubt(night: MakeNight) -> None:
    """P4: an alarm is sent by another; a lesser message fails, and escalation goes on."""
    async with night(plan=PLAN, homes=(home(1), home(2)), delivers=False) as it:
        await it.press()
        await it.hears(it.message("water", 2, water="wet"))
        for page in ("h001/1-1", "h002/1-1"):
            await it.store.begin_attempt(page, it.clock.at, provider="gone")
        await it.restarts(clean=False)
        first = Provider()
        async with office(it, first) as desk:
            await desk.until_state("ben", NotificationState.SENT)
            await desk.until(lambda: len(first.taken) > 1)
        assert "send h001/1-1" in first.asked
        assert "send h002/1-1" not in first.asked


async def test_a_provider_that_fails_is_tried_last_and_people_are_told(night: MakeNight) -> None:
    """P8: after three in a row the second is asked first; the finding names the first."""
    pages = FAILING_AFTER + 2
    async with night(plan=PLAN, homes=[home(n) for n in range(1, pages + 1)], delivers=False) as it:
        first, second = Provider(busy), Provider()
        async with office(it, None, gateways=two(first, second)) as desk:
            for number in range(1, pages + 1):
                await it.press(number)
                await desk.until(partial(has_taken, second, number))
            await desk.until(lambda: len(it.inputs("finding")) == 1)
            await it.passes(minutes=1)
            assert it.alert("provider-failing").home == "@site"
            assert it.alerts("sms-failing") == []
        assert len(first.asked) == FAILING_AFTER


async def test_all_providers_failing_is_more_than_one(night: MakeNight) -> None:
    """P8: when nobody takes an SMS any more people are told so, by whatever is left."""
    async with (
        night(plan=PLAN, delivers=False) as it,
        office(it, None, gateways=two(Provider(busy), Provider(busy))) as desk,
    ):
        await it.press()
        await desk.until(lambda: len(it.inputs("finding")) == 3)
        await it.passes(minutes=1)
        assert it.alert("sms-failing").home == "@site"


async def test_an_alarm_does_not_stand_in_another_ones_rate(night: MakeNight) -> None:
    """A provider that wants a pause has it; the alarm goes by the second meanwhile."""
    async with night(plan=PLAN, homes=(home(1), home(2)), delivers=False) as it:
        first, second = Provider(too_fast, takes), Provider()
        async with office(it, None, gateways=two(first, second)) as desk:
            await it.press(1)
            await desk.until(lambda: len(second.taken) == 1)
            await it.press(2)
            await desk.until(lambda: len(second.taken) == 2)
        assert first.asked == ["send h001/1-1"]
        assert it.inputs("finding") == []


async def test_pilot_mode_holds_for_every_channel(night: MakeNight) -> None:
    """Design 6: e-mail addresses and systems are sent to only when they are allowed."""
    from telecared.core.effects import Notify
    from telecared.store_port import Batch, NotifyRow

    def owed(k: int, channel: Channel, address: str) -> NotifyRow:
        return NotifyRow(
            "h001",
            Notify(
                id=f"h001/9-{k}", at=1, alert=9, k=k, priority=LS, to="x",
                channel=channel, number=address, text="Fall.",
            ),
        )  # fmt: skip

    async with night(plan=PLAN, delivers=False) as it:
        mail, screen = named("mail", Provider()), named("screen", Provider())
        gateways = {Channel.EMAIL: [mail], Channel.WEBHOOK: [screen]}
        allowed = frozenset({"ann@example.org"})
        async with office(it, None, gateways=gateways, allowed=allowed) as desk:
            rows = [
                owed(1, Channel.EMAIL, "Ann@example.org"),
                owed(2, Channel.EMAIL, "ben@example.org"),
                owed(3, Channel.WEBHOOK, "nurse-screen"),
            ]
            desk.outbox.committed(Batch(at=1, notifications=rows))
            await desk.until(lambda: len(it.inputs("result")) == 3)
        assert [one.number for one in mail.taken] == ["Ann@example.org"]
        assert screen.asked == []


@pytest.mark.parametrize("step", range(1, 9))
async def test_killed_at_any_await_of_a_sending_nothing_is_lost(
    night: MakeNight, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P4: whatever the await at which we die, Ben is told, and at most twice."""
    async with night(plan=PLAN, delivers=False) as it:
        sends = [loses_the_answer, takes] if step % 2 else [takes]
        first, second = Provider(*sends), Provider()
        taken: list[str] = []
        for provider in (first, second):
            provider.on_send = lambda message: taken.append(message.notification)
        countdown = [step]

        def dies(original: object) -> object:
            async def dying(*args: object, **more: object) -> object:
                countdown[0] -= 1
                if countdown[0] == 0:
                    raise asyncio.CancelledError
                result = await original(*args, **more)  # type: ignore[operator]
                countdown[0] -= 1
                if countdown[0] == 0:
                    raise asyncio.CancelledError
                return result

            return dying

        async with office(it, None, gateways=two(first, second)) as desk:
            for owner, name in (
                (first, "send"), (first, "find"), (second, "send"),
                (it.store, "begin_attempt"), (desk.outbox._delivery, "_tell"),
            ):  # fmt: skip
                monkeypatch.setattr(owner, name, dies(getattr(owner, name)))
            await it.press()
            with_end = asyncio.get_running_loop().time() + 0.5
            await desk.until(
                lambda: countdown[0] <= 0 or asyncio.get_running_loop().time() > with_end
            )
        monkeypatch.undo()
        await it.restarts(clean=False)
        for provider in (first, second):
            provider.sends = [takes]
            provider.finds = [
                lambda message: takes(message) if message.notification in taken else None
            ]
        async with office(it, None, gateways=two(first, second)) as desk:
            await desk.until_state("ben", NotificationState.SENT)
        assert 1 <= taken.count("h001/1-1") <= 2


async def test_a_message_for_one_system_never_goes_to_another(night: MakeNight) -> None:
    """P11: two systems are no fallback for each other; each has a gateway of its own."""
    from telecared.core.effects import Notify
    from telecared.store_port import Batch, NotifyRow

    class System(Provider):
        system = ""

    def of(name: str, *sends: Callable[[Outgoing], Sent]) -> System:
        made = System(*sends)
        made.name, made.system = f"webhook-{name}", name
        return made

    async with night(plan=PLAN, delivers=False) as it:
        screen, chat = of("screen", refuses("http-400")), of("chat")
        gateways = {Channel.WEBHOOK: [screen, chat]}
        async with office(it, None, gateways=gateways) as desk:
            rows = [
                NotifyRow(
                    "h001",
                    Notify(
                        id=f"h001/9-{k}", at=1, alert=9, k=k, priority=LS, to=to,
                        channel=Channel.WEBHOOK, number=to, text="Fall.",
                    ),
                )
                for k, to in ((1, "chat"), (2, "screen"), (3, "gone"))
            ]  # fmt: skip
            desk.outbox.committed(Batch(at=1, notifications=rows))
            await desk.until(lambda: len(it.inputs("result")) == 3)
        assert [one.number for one in chat.taken] == ["chat"]
        assert screen.asked == ["send h001/9-2"]


def chokes(message: Outgoing) -> Sent:
    """A library stumbles over this text."""
    raise RuntimeError(message.text)


async def test_a_message_that_a_library_chokes_on_stops_no_other(night: MakeNight) -> None:
    """P7: it goes by the next provider, the outbox goes on, and the text is in no error."""
    async with night(plan=PLAN, delivers=False) as it:
        first, second = Provider(chokes, takes), Provider()
        first.finds = [chokes]
        async with office(it, None, gateways=two(first, second)) as desk:
            await it.press()
            await desk.until_state("ben", NotificationState.SENT)
        assert second.asked == ["send h001/1-1"]
