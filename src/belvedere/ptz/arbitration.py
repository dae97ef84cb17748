"""Who steers one camera: a pure step from a state and an input to the next state and what follows from it.

Whoever is told first what the convention answers (`Ask`, `Stand`, `Lapse`) is the rights' affair; here is only who comes
before whom, and that one at a time steers. Knows no convention and no clock: `now_s` is monotonic time, an input like the
others. What is durable of the effects (`Durable`) becomes changes; the rest stops or turns the camera at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from belvedere.domain.causes import Cause
from belvedere.domain.ids import AgentId, AuthorisationId, EventId, LeaseId, PartyId, ServiceId, ViewingId
from belvedere.domain.leases import (
    ANSWER_S,
    HEARTBEAT_S,
    LEASE_IDLE_S,
    LEASE_MAX_S,
    MORE_S,
    Awaits,
    LeaseRegime,
    Rank,
)

ASKED_MAX = 8
"""How many may ask for one camera at a time (reliability 25)."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who asks to steer, or steers, and on what that rests."""

    lease: LeaseId
    party: PartyId
    service: ServiceId
    agent: AgentId
    rank: Rank
    regime: LeaseRegime
    event: EventId | None = None
    viewing: ViewingId | None = None
    authorisation: AuthorisationId | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """The claim that steers; seconds are of its grant, its newest movement, and the newest sign of its holder."""

    claim: Claim
    fence: int
    since_s: float
    moved_s: float
    heard_s: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim that waits; `settles_s` is when the holder's silence becomes a yes, None where nobody's silence does.

    `extended`: the holder asked for more once; it may not put a colleague off for ever.
    """

    claim: Claim
    awaits: Awaits
    settles_s: float | None
    extended: bool = False


@dataclass(frozen=True, slots=True)
class CameraState:
    """One camera: the newest fence, who steers, and who waits, in the order of asking."""

    fence: int = 0
    held: Held | None = None
    asked: tuple[Asked, ...] = ()


class HoldersAnswer(StrEnum):
    """What a holder says to a colleague who asks."""

    YES = "yes"
    NO = "no"
    MORE = "more"


# Inputs.


@dataclass(frozen=True, slots=True)
class Ask:
    """The convention grants this claim, or (`authorised` False) waits for the owner's word."""

    claim: Claim
    authorised: bool


@dataclass(frozen=True, slots=True)
class Stand:
    """The convention grants what was asked, or grants a running lease, under this regime."""

    lease: LeaseId
    regime: LeaseRegime
    authorisation: AuthorisationId | None = None


@dataclass(frozen=True, slots=True)
class Lapse:
    """A lease, asked or held, is over for this cause: refused, withdrawn, given back, idle, its event closed, its link lost."""

    lease: LeaseId
    cause: Cause


@dataclass(frozen=True, slots=True)
class Answer:
    """The holder of the camera, or the supervisor of both, answers whoever asks under this lease."""

    lease: LeaseId
    answer: HoldersAnswer


@dataclass(frozen=True, slots=True)
class Silence:
    """The holder has not answered in time, and has not moved the camera meanwhile."""

    lease: LeaseId


@dataclass(frozen=True, slots=True)
class Renew:
    """The holder asks for its own lease again: the longest duration begins anew."""

    lease: LeaseId


@dataclass(frozen=True, slots=True)
class Move:
    """A movement is commanded under a lease, with the fence that its holder was given."""

    lease: LeaseId
    fence: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A sign of the holder: its viewing's media socket is there; in the own room, its steering socket."""

    lease: LeaseId


@dataclass(frozen=True, slots=True)
class ForeignMovement:
    """The camera moves, and nobody here commanded it: a hand of the owner in its own video system."""


Input = Ask | Stand | Lapse | Answer | Silence | Renew | Move | Heard | ForeignMovement


# Effects.


@dataclass(frozen=True, slots=True)
class Queued:
    """The claim waits."""

    claim: Claim
    awaits: Awaits


@dataclass(frozen=True, slots=True)
class Granted:
    """The claim steers from now on, under this fence."""

    claim: Claim
    fence: int


@dataclass(frozen=True, slots=True)
class Continued:
    """The lease goes on under another regime, or by another authorisation."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class Ended:
    """The lease is over; `by` is the claim on whose account, where one is."""

    claim: Claim
    cause: Cause
    by: Claim | None = None


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was only asked for is over, or was not let in; `by` is whoever steers instead."""

    claim: Claim
    cause: Cause
    by: Claim | None = None


@dataclass(frozen=True, slots=True)
class Renewed:
    """The lease lasts its longest duration from now on."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class Turn:
    """The camera is turned, under this fence."""

    fence: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """The command is not carried out."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Stop:
    """The camera is stopped; no command of this fence or of an older one moves it again."""

    fence: int


Durable = Queued | Granted | Continued | Ended | Dropped | Renewed
Effect = Durable | Turn | Rejected | Stop
Outcome = tuple[CameraState, tuple[Effect, ...]]


def step(state: CameraState, given: Input, now_s: float) -> Outcome:  # noqa: PLR0911 (one return an input of the closed union)
    """Return the state that `given` leaves, and what follows from it. Total: what does not apply changes nothing."""
    match given:
        case Move(lease, fence):  # first: it comes five times a second
            return _move(state, lease, fence, now_s)
        case Heard(lease):
            return _heard(state, lease, now_s)
        case Ask(claim, authorised):
            return _ask(state, claim, now_s, authorised=authorised)
        case Stand(lease, regime, authorisation):
            return _stand(state, lease, regime, authorisation, now_s)
        case Lapse(lease, cause):
            return _lapse(state, lease, cause, now_s)
        case Answer(lease, answer):
            return _answer(state, lease, answer, now_s)
        case Silence(lease):
            return _answer(state, lease, HoldersAnswer.YES, now_s)
        case Renew(lease):
            return _renew(state, lease, now_s)
        case ForeignMovement():
            return _foreign(state)
        case _:
            assert_never(given)


def overdue(state: CameraState, now_s: float) -> tuple[Input, ...]:
    """Return what time alone has made so by `now_s`: at most one input for the holder, then one for each silence.

    An own lease has neither a longest duration nor a viewing: its sign is its steering socket, or its last movement.
    """
    held = state.held
    due: list[Input] = []
    if held is not None:
        cause = _ran_out(held, now_s)
        if cause is not None:
            due.append(Lapse(held.claim.lease, cause))
    due += [
        Silence(each.claim.lease)
        for each in state.asked
        if each.settles_s is not None and now_s >= max(each.settles_s, _quiet_from_s(held))
    ]
    return tuple(due)


def _ran_out(held: Held, now_s: float) -> Cause | None:
    if held.claim.rank.is_own:
        seen_s = max(held.moved_s, held.heard_s)
        return Cause.LEASE_IDLE if now_s - seen_s >= LEASE_IDLE_S else None
    if now_s - held.heard_s >= HEARTBEAT_S:
        return Cause.HEARTBEAT_LOST
    if now_s - held.since_s >= LEASE_MAX_S:
        return Cause.LEASE_MAXIMUM
    return Cause.LEASE_IDLE if now_s - held.moved_s >= LEASE_IDLE_S else None


def _quiet_from_s(held: Held | None) -> float:
    return 0.0 if held is None else held.moved_s + ANSWER_S


# Each input.


def _move(state: CameraState, lease: LeaseId, fence: int, now_s: float) -> Outcome:
    held = state.held
    if held is None or held.claim.lease != lease:
        waits = any(each.claim.lease == lease for each in state.asked)
        return state, (Rejected(Cause.LEASE_ONLY_ASKED if waits else Cause.LEASE_OVER),)
    if fence != held.fence:
        return state, (Rejected(Cause.FORMER_FENCE),)
    moved = Held(held.claim, held.fence, held.since_s, now_s, held.heard_s)
    return CameraState(state.fence, moved, state.asked), (Turn(fence),)


def _heard(state: CameraState, lease: LeaseId, now_s: float) -> Outcome:
    held = state.held
    if held is None or held.claim.lease != lease:
        return state, ()
    return replace(state, held=replace(held, heard_s=now_s)), ()


def _renew(state: CameraState, lease: LeaseId, now_s: float) -> Outcome:
    held = state.held
    if held is None or held.claim.lease != lease:
        return state, ()
    return replace(state, held=replace(held, since_s=now_s, heard_s=now_s)), (Renewed(held.claim),)


def _ask(state: CameraState, claim: Claim, now_s: float, *, authorised: bool) -> Outcome:
    if authorised:
        return _contend(state, claim, now_s)
    if len(state.asked) >= ASKED_MAX:
        return state, (Dropped(claim, Cause.BUSY),)
    waiting = Asked(claim, Awaits.AUTHORISATION, None)
    return replace(state, asked=(*state.asked, waiting)), (Queued(claim, Awaits.AUTHORISATION),)


def _contend(state: CameraState, claim: Claim, now_s: float) -> Outcome:
    """Give the camera to a claim that the convention grants: at once, after the holder's answer, or not."""
    held = state.held
    if held is None:
        return _grant(state, claim, now_s)
    holder = held.claim
    if (holder.party, holder.agent) == (claim.party, claim.agent):
        return _take(state, claim, now_s, cause=Cause.RELEASED)
    if claim.rank > holder.rank:
        return _take(state, claim, now_s, cause=_why_taken(claim, holder))
    if claim.rank < holder.rank:
        return state, (Dropped(claim, Cause.OWNER_STEERS if holder.rank.is_own else Cause.STEERED, holder),)
    if len(state.asked) >= ASKED_MAX:
        return state, (Dropped(claim, Cause.BUSY, holder),)
    waiting = Asked(claim, Awaits.HOLDER, now_s + ANSWER_S)
    return replace(state, asked=(*state.asked, waiting)), (Queued(claim, Awaits.HOLDER),)


def _why_taken(claim: Claim, holder: Claim) -> Cause:
    if claim.rank.is_own and not holder.rank.is_own:
        return Cause.OWNER_STEERS
    return Cause.TAKEN_BY_CHIEF if claim.rank.is_own else Cause.TAKEN_BY_SERVICE


def _grant(state: CameraState, claim: Claim, now_s: float) -> Outcome:
    fence = state.fence + 1
    held = Held(claim, fence, now_s, now_s, now_s)
    return CameraState(fence, held, _without(state.asked, claim.lease)), (Granted(claim, fence),)


def _take(state: CameraState, claim: Claim, now_s: float, *, cause: Cause) -> Outcome:
    """End the lease of whoever steers and grant `claim`; the camera stops before the next command moves it."""
    assert state.held is not None, "there is somebody to take it from"
    former = state.held.claim
    after, granted = _grant(replace(state, held=None), claim, now_s)
    after, dropped = _drop_those_below(after, claim)
    return after, (Ended(former, cause, claim), Stop(state.fence), *granted, *dropped)


def _drop_those_below(state: CameraState, claim: Claim) -> Outcome:
    """Let go of whoever waits for a holder that comes before them: it is not theirs to wait for."""
    below = [each for each in state.asked if each.awaits is Awaits.HOLDER and each.claim.rank < claim.rank]
    cause = Cause.OWNER_STEERS if claim.rank.is_own else Cause.STEERED
    return (
        replace(state, asked=tuple(each for each in state.asked if each not in below)),
        tuple(Dropped(each.claim, cause, claim) for each in below),
    )


def _stand(
    state: CameraState, lease: LeaseId, regime: LeaseRegime, authorisation: AuthorisationId | None, now_s: float
) -> Outcome:
    held = state.held
    if held is not None and held.claim.lease == lease:
        if (held.claim.regime, held.claim.authorisation) == (regime, authorisation):
            return state, ()
        claim = replace(held.claim, regime=regime, authorisation=authorisation)
        return replace(state, held=replace(held, claim=claim)), (Continued(claim),)
    waiting = _waiting(state, lease)
    if waiting is None:
        return state, ()
    claim = replace(waiting.claim, regime=regime, authorisation=authorisation)
    if waiting.awaits is Awaits.HOLDER:
        return _putting(state, replace(waiting, claim=claim)), ()
    return _contend(replace(state, asked=_without(state.asked, lease)), claim, now_s)


def _lapse(state: CameraState, lease: LeaseId, cause: Cause, now_s: float) -> Outcome:
    held, waiting = state.held, _waiting(state, lease)
    if waiting is not None:
        return replace(state, asked=_without(state.asked, lease)), (Dropped(waiting.claim, cause),)
    if held is None or held.claim.lease != lease:
        return state, ()
    return _next(replace(state, held=None), (Ended(held.claim, cause), Stop(held.fence)), now_s)


def _next(state: CameraState, effects: tuple[Effect, ...], now_s: float) -> Outcome:
    """Give a camera that has become free to whoever asked its holder: by rank, then in the order of asking."""
    waiting = [each for each in state.asked if each.awaits is Awaits.HOLDER]
    if not waiting:
        return state, effects
    first = max(waiting, key=lambda each: each.claim.rank)  # the first of equals
    after, granted = _grant(state, first.claim, now_s)
    after, dropped = _drop_those_below(after, first.claim)
    # Whoever else waits asks the new holder, from now on.
    again = tuple(
        replace(each, settles_s=now_s + ANSWER_S, extended=False) if each.awaits is Awaits.HOLDER else each
        for each in after.asked
    )
    return replace(after, asked=again), (*effects, *granted, *dropped)


def _answer(state: CameraState, lease: LeaseId, answer: HoldersAnswer, now_s: float) -> Outcome:
    waiting, held = _waiting(state, lease), state.held
    if waiting is None or waiting.awaits is not Awaits.HOLDER or held is None:
        return state, ()
    match answer:
        case HoldersAnswer.YES:
            return _take(
                replace(state, asked=_without(state.asked, lease)), waiting.claim, now_s, cause=Cause.HANDED_ON
            )
        case HoldersAnswer.NO:
            dropped = Dropped(waiting.claim, Cause.HOLDER_KEEPS, held.claim)
            return replace(state, asked=_without(state.asked, lease)), (dropped,)
        case HoldersAnswer.MORE if waiting.extended:
            return state, ()
        case HoldersAnswer.MORE:
            return _putting(state, replace(waiting, settles_s=now_s + MORE_S, extended=True)), ()


def _foreign(state: CameraState) -> Outcome:
    """A hand of the owner in its own system: a partner's lease ends, and whoever waits for it gets nothing.

    Nothing is stopped: what turns is the owner's movement, and the camera stays where it is put.
    """
    held = state.held
    if held is None or held.claim.rank.is_own:
        return state, ()

    def waits_for_it(each: Asked) -> bool:
        return each.awaits is Awaits.HOLDER

    effects: list[Effect] = [Ended(held.claim, Cause.FOREIGN_MOVEMENT)]
    effects += [Dropped(each.claim, Cause.OWNER_STEERS) for each in state.asked if waits_for_it(each)]
    return CameraState(state.fence, None, _keeping(state.asked, lambda each: not waits_for_it(each))), tuple(effects)


def _waiting(state: CameraState, lease: LeaseId) -> Asked | None:
    return next((each for each in state.asked if each.claim.lease == lease), None)


def _putting(state: CameraState, changed: Asked) -> CameraState:
    """Return the state with what waits under the same lease as `changed` as it stands there."""
    lease = changed.claim.lease
    return replace(state, asked=tuple(changed if each.claim.lease == lease else each for each in state.asked))


def _without(asked: tuple[Asked, ...], lease: LeaseId) -> tuple[Asked, ...]:
    return _keeping(asked, lambda each: each.claim.lease != lease)


def _keeping(asked: tuple[Asked, ...], which: Callable[[Asked], bool]) -> tuple[Asked, ...]:
    return tuple(each for each in asked if which(each)) if asked else asked
