"""What comes back by each channel in virtual time, and what it means to the core.

How a phone behaves is `behaviour`; the same over HTTP is `phones` and `phone_calls`.
"""

from telecared.core.effects import Notify
from telecared.core.vocabulary import Channel, NotificationState
from telecared.sim.behaviour import Behaviour, Reaction, ReactionKind, call_reactions, reactions
from telecared.twilio_wire import call_state_of


def reactions_to(behaviour: Behaviour, notify: Notify) -> list[Reaction]:
    """Return what comes back: people answer an SMS by SMS and a call by a key, nothing else."""
    if notify.channel is Channel.VOICE:
        return call_reactions(behaviour)
    told = reactions(behaviour, notify.text)
    if notify.channel is Channel.SMS:
        return told
    return [one for one in told if one.kind is ReactionKind.RECEIPT]


def reported(reaction: Reaction) -> NotificationState:
    """Return the state of a message that a reaction of the provider reports."""
    if reaction.kind is ReactionKind.CALL:
        return call_state_of(reaction.payload).state
    return NotificationState(reaction.payload)
