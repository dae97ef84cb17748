"""A camera, who may ask for it, and what a small convention answers: what the exploration and the state machine play on."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from belvedere.domain.causes import Cause
from belvedere.domain.ids import AgentId, AuthorisationId, EventId, LeaseId, PartyId, ServiceId, ViewingId
from belvedere.domain.leases import Awaits, LeaseRegime, Rank
from belvedere.ptz.arbitration import (
    Ask,
    CameraState,
    Claim,
    Continued,
    Dropped,
    Effect,
    Ended,
    Granted,
    Heard,
    Input,
    Lapse,
    Queued,
    Stand,
    Stop,
    overdue,
    step,
)

CITY, STATE = PartyId("city"), PartyId("state")
OF_THE_NIGHT = frozenset({LeaseRegime.CLOSED, LeaseRegime.CONTINUED})
AUTHORISATION = AuthorisationId("a-1")


@dataclass(frozen=True)
class Who:
    """One who may ask; each always asks under a lease of its own name."""

    party: PartyId
    service: str
    rank: Rank

    def claim(self, name: str) -> Claim:
        own = self.party == CITY
        return Claim(
            LeaseId(name),
            self.party,
            ServiceId(self.service),
            AgentId(name),
            self.rank,
            LeaseRegime.OWN if own else LeaseRegime.AUTHORISED,
            event=None if own else EventId("e-1"),
            viewing=None if own else ViewingId(f"v-{name}"),
        )


PEOPLE = {
    "cic": Who(STATE, "cic", Rank.FIRST_SERVICE),
    "cic-2": Who(STATE, "cic", Rank.FIRST_SERVICE),
    "srpj": Who(STATE, "srpj", Rank.OTHER_SERVICE),
    "csu": Who(CITY, "csu", Rank.OWN_ROOM),
    "csu-2": Who(CITY, "csu", Rank.OWN_ROOM),
    "chief": Who(CITY, "csu", Rank.OWN_CHIEF),
}


@dataclass(frozen=True)
class World:
    """What the rights rest on. `authorised`: the owner's word for the event stands."""

    active: bool = True
    authorised: bool = False
    event_open: bool = True
    watching: frozenset[str] = frozenset(PEOPLE)


def answer(world: World, claim: Claim, *, steers: bool = False) -> Input | None:
    """Return what the convention says of a claim now: that it stands, that it lapses, or nothing while it waits."""
    if claim.rank.is_own:
        return Stand(claim.lease, LeaseRegime.OWN)
    if not world.event_open:
        return Lapse(claim.lease, Cause.EVENT_CLOSED)
    if claim.lease not in world.watching:
        return Lapse(claim.lease, Cause.CLOSED)
    if not world.active:
        return Stand(claim.lease, LeaseRegime.CLOSED)
    if claim.regime in OF_THE_NIGHT and steers:
        return Stand(claim.lease, LeaseRegime.CONTINUED)
    return Stand(claim.lease, LeaseRegime.AUTHORISED, AUTHORISATION) if world.authorised else None


@dataclass(frozen=True)
class Played:
    """A camera, the world around it, and what followed so far that the invariants are about."""

    state: CameraState = field(default_factory=CameraState)
    world: World = field(default_factory=World)
    owed: frozenset[str] = frozenset()
    """The running leases of which a notice was born."""
    wrong: tuple[str, ...] = field(default=())

    def given(self, given: Input, now_s: float) -> "Played":
        """Make one step, and hold the effects against the state that it leaves."""
        after, effects = step(self.state, given, now_s)
        owed = {each for each in self.owed if after.held is not None and after.held.claim.lease == each}
        owed |= {
            each.claim.lease
            for each in effects
            if isinstance(each, Granted | Continued) and each.claim.regime is LeaseRegime.CLOSED
        }
        wrong = [f"{given}: {each}" for each in wrong_step(self.state, after, effects)]
        return replace(self, state=after, owed=frozenset(owed), wrong=(*self.wrong, *wrong))

    def asks(self, name: str, now_s: float) -> "Played":
        """Let somebody ask, as the rights do: the convention is asked first, and a refusal never comes to the camera."""
        claim = PEOPLE[name].claim(name)
        known = {each.claim.lease for each in self.state.asked}
        if self.state.held is not None:
            known.add(self.state.held.claim.lease)
        if claim.lease in known:
            return self
        match answer(self.world, claim):
            case Stand(_, regime, authorisation):
                claim = replace(claim, regime=regime, authorisation=authorisation)
                return self.reviewed(now_s).given(Ask(claim, authorised=True), now_s)
            case None:
                return self.reviewed(now_s).given(Ask(claim, authorised=False), now_s)
            case _:
                return self

    def turns(self, world: World, now_s: float) -> "Played":
        """Let the world change; every claim is decided again, as a review does."""
        return replace(self, world=world).reviewed(now_s)

    def reviewed(self, now_s: float) -> "Played":
        """Decide every claim again: who only asks first, so that nobody is given a camera to which nothing entitles."""
        played = self
        asked = [each.claim for each in self.state.asked]
        held = [] if self.state.held is None else [self.state.held.claim]
        answers = [(claim, answer(self.world, claim, steers=claim in held)) for claim in (*asked, *held)]
        lapsing = [said for _, said in answers if isinstance(said, Lapse)]
        # A running lease to which nothing entitles any more is over; who only asks goes on waiting.
        lapsing += [Lapse(claim.lease, Cause.SILENT) for claim, said in answers if said is None and claim in held]
        waiting = [claim for claim, said in answers if said is None and claim in asked]
        lapsing += [
            Lapse(each.claim.lease, Cause.SILENT)
            for each in self.state.asked
            if each.claim in waiting and each.awaits is Awaits.HOLDER
        ]
        for lapse in sorted(lapsing, key=lambda each: each.lease in {claim.lease for claim in held}):
            played = played.given(lapse, now_s)
        for _, said in answers:
            if isinstance(said, Stand):
                played = played.given(said, now_s)
        return played

    def passes(self, now_s: float, heard: Sequence[str]) -> "Played":
        """Let time pass up to `now_s`; whoever is heard gives a sign of itself first."""

        played = self
        for name in heard:
            played = played.given(Heard(LeaseId(name)), now_s)
        for due in overdue(played.state, now_s):
            played = played.reviewed(now_s).given(due, now_s)
        return played


def wrong_step(before: CameraState, after: CameraState, effects: Sequence[Effect]) -> list[str]:
    """Return what is wrong with one step: the effects tell the difference between the two states, no more and no less."""
    return [*_wrong_holders(before, after, effects), *_wrong_asked(before, after, effects)]


def _wrong_holders(before: CameraState, after: CameraState, effects: Sequence[Effect]) -> list[str]:
    wrong = []
    steering = None if before.held is None else before.held.claim.lease
    for each in effects:
        if isinstance(each, Granted):
            if steering is not None:
                wrong.append(f"{each.claim.lease} is granted while {steering} steers")
            if each.fence <= before.fence:
                wrong.append(f"fence {each.fence} is no newer than {before.fence}")
            steering = each.claim.lease
        elif isinstance(each, Ended):
            if steering != each.claim.lease:
                wrong.append(f"{each.claim.lease} ends without steering")
            steering = None
    now = None if after.held is None else after.held.claim.lease
    if steering != now:
        wrong.append(f"{now} steers, and the effects say {steering}")
    return wrong


def _wrong_asked(before: CameraState, after: CameraState, effects: Sequence[Effect]) -> list[str]:
    wrong = []
    if after.fence < before.fence:
        wrong.append("the fence goes back")
    queued = {each.claim.lease for each in effects if isinstance(each, Queued)}
    gone = {each.claim.lease for each in effects if isinstance(each, Dropped | Granted)}
    left = {each.claim.lease for each in before.asked} | queued
    if left - gone != {each.claim.lease for each in after.asked}:
        wrong.append(f"who waits is not what the effects say: {[each.claim.lease for each in after.asked]}")
    ended = [each for each in effects if isinstance(each, Ended) and each.cause is not Cause.FOREIGN_MOVEMENT]
    if ended and not any(isinstance(each, Stop) and each.fence == before.fence for each in effects):
        wrong.append("a lease ended, and its camera was not stopped")
    return wrong


def broken(played: Played) -> list[str]:
    """Return which of the promises this state breaks."""
    state, world = played.state, played.world
    wrong = list(played.wrong)
    held = None if state.held is None else state.held.claim
    if held is not None and not held.rank.is_own:
        if not world.event_open:
            wrong.append(f"{held.lease} outlives its event")
        if held.lease not in world.watching:
            wrong.append(f"{held.lease} outlives its viewing")
        if world.active and held.regime is not LeaseRegime.CONTINUED and not world.authorised:
            wrong.append(f"{held.lease} outlives its authorisation")
        if world.active is (held.regime is LeaseRegime.CLOSED):
            wrong.append(f"{held.lease} outlives its regime")
        if held.regime in OF_THE_NIGHT and held.lease not in played.owed:
            wrong.append(f"{held.lease} was taken outside the room's activity, and no notice is owed")
    for each in state.asked:
        if each.awaits is Awaits.HOLDER and (held is None or each.claim.rank < held.rank):
            wrong.append(f"{each.claim.lease} waits for a holder that comes before it, or for none")
        if held is not None and each.claim.lease == held.lease:
            wrong.append(f"{held.lease} steers and waits")
    return wrong
