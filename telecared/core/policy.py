"""People and policies as values: whom an alert is told to, in which order, and who they are.

The form that is stored in the plan and hashed. When the next is told is `escalation`.
"""

from typing import Final

import msgspec

from telecared.core.vocabulary import MINUTE, SECOND, Channel, Detail, Duration, Priority
from telecared.core.when import Window

MONITORING_CENTRE: Final = "monitoring_centre"
"""The target of a step, and the recipient's id, that stands for the staffed end of a policy."""

RESIDENT: Final = "resident"
"""The recipient's id of whoever lives in the home; they are told, and asked for nothing."""

DEFAULT_LEASE: Final[Duration] = 30 * MINUTE

DEFAULT_RECEIPT: Final[Duration] = 60 * SECOND

DEFAULT_WAIT: Final[Duration] = 3 * MINUTE

DEFAULT_CENTRE_REPEAT: Final[Duration] = 3 * MINUTE

DEFAULT_PAGE_AFTER: Final = (60 * SECOND, 180 * SECOND)
"""What commissioners hold centres to: nearly all alarms answered within one, and within three."""

DEFAULT_PAGE_BY: Final = (Channel.VOICE, Channel.SMS)


class AppliesTo(msgspec.Struct, frozen=True, kw_only=True):
    """Which homes a rule is for: every home that matches one name of each list that is given."""

    tags: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an escalation policy.

    Attributes:
        notify: roles in the singular (`carer`), ids of contacts, people, rotas or systems, or
            `monitoring_centre`.
        by: channels, all used at once.
        wait: how long before the next step, counted from the last person told; for the last step,
            before it is repeated.
        apart: how long between one person and the next; 0 tells all at once.
        repeat: how often the step is told before the next begins.
    """

    notify: tuple[str, ...]
    by: tuple[Channel, ...] = (Channel.SMS,)
    wait: Duration = DEFAULT_WAIT
    apart: Duration = 0
    repeat: int = 1


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """An escalation policy; it always ends at a staffed place, and the end repeats.

    Attributes:
        lease: how long an acknowledgement holds without an update.
        receipt: for life safety and urgent, no receipt within this counts as failed.
        needed: how many people must have taken a life-safety alert before others are left alone.
        group: routine and technical alerts that open within this are told in one message.
        detail: how much its texts may tell.
    """

    name: str
    steps: tuple[Step, ...]
    lease: Duration = DEFAULT_LEASE
    receipt: Duration = DEFAULT_RECEIPT
    needed: int = 1
    group: Duration = 0
    detail: Detail = Detail.FULL


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a chooser: the policy it names is used where everything that is given fits.

    Attributes:
        policy: a policy, never another chooser.
        between: local hours of the home, days included; empty for any.
        applies_to: tags, schemes and homes.
    """

    policy: str
    priorities: tuple[Priority, ...] = ()
    between: tuple[Window, ...] = ()
    applies_to: AppliesTo = AppliesTo()


class Chooser(msgspec.Struct, frozen=True, kw_only=True):
    """A name that stands for several policies: the first choice that fits; the last always does."""

    name: str
    choices: tuple[Choice, ...]


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """The monitoring centre: the staffed place at which every policy ends.

    Without a number its queue (`telecared alerts`, the console) is the centre, and a repeat is a
    line in the record instead of a message.

    Attributes:
        sms, voice, email: where it is told; None where it is not.
        supervisor: a person, a rota, or a role of `people`: paged when the centre does not answer.
        page_after: how long after an alert of life safety or urgency has reached the centre.
        page_by: the channels of those pages.
    """

    name: str = "Monitoring centre"
    sms: str | None = None
    voice: str | None = None
    email: str | None = None
    repeat: Duration = DEFAULT_CENTRE_REPEAT
    supervisor: str | None = None
    page_after: tuple[Duration, ...] = DEFAULT_PAGE_AFTER
    page_by: tuple[Channel, ...] = DEFAULT_PAGE_BY


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may be told about a home. Personal data, except the id and the roles.

    Attributes:
        reachable: local hours of the home (of the site for `Plan.people`); empty for always.
        language: of the texts to them, "" for the site's.
        by: the only channels by which they can be told; empty for all.
    """

    id: str
    name: str
    phone: str
    roles: tuple[str, ...] = ()
    reachable: tuple[Window, ...] = ()
    email: str | None = None
    language: str = ""
    by: tuple[Channel, ...] = ()


class System(msgspec.Struct, frozen=True, kw_only=True):
    """Another program that is told, by `webhook` or `push`.

    Where it is and its secret stand in the deployment only.
    """

    id: str
    channel: Channel


class Storm(msgspec.Struct, frozen=True, kw_only=True):
    """When many silent alarm units of a scheme are one incident.

    Attributes:
        units: at least so many,
        share: and at least this part of the scheme's units, in per cent,
        within: fall silent within this.
    """

    units: int = 5
    share: int = 10
    within: Duration = 10 * MINUTE
