"""Who may give, refuse, withdraw, write down or confirm the owner's word to steer, and of whom it is asked when. Rules A11.

Each is a function from values to what becomes of the authorisation, or the cause for which nothing does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from belvedere.domain.authorisations import (
    ESCALATES_AFTER,
    GIVEN_FOR,
    GIVEN_FOR_MAX,
    ORAL_AGE_MAX,
    AnswerGround,
    Authorisation,
    AuthorisationScope,
    AuthorisationState,
    Channel,
    OralWord,
)
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import PartyId, Pseudonym
from belvedere.domain.vocabulary import Role
from belvedere.policy import Convention
from belvedere.policy.clauses.steering import PtzTakeover, While


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody whose word it may be. `on_duty`: signed in at a station of the owner's, or the director, who always is."""

    pseudonym: Pseudonym
    party: PartyId
    role: Role
    on_duty: bool = True


@dataclass(frozen=True, slots=True)
class AskedOf:
    """Of whom an authorisation is asked by now; `telephone`: nobody answered, and the officer calls.

    With the director its deputies are asked.
    """

    roles: tuple[Role, ...]
    telephone: bool

    @property
    def deputies(self) -> bool:
        """Whether the director's deputies are asked by now."""
        return Role.POLICE_DIRECTOR in self.roles


def givers(convention: Convention, *, owner: PartyId, party: PartyId) -> tuple[Role, ...]:
    """Return the roles whose word lets `party` steer `owner`'s cameras while its room is active: who directs comes last."""
    clauses = (each for each in convention.of(PtzTakeover) if (each.owner, each.party) == (owner, party))
    roles = next((each.authorised_by for each in clauses if each.while_ is While.CENTRE_ACTIVE), ())
    return tuple(sorted(dict.fromkeys(roles), key=lambda role: role is Role.POLICE_DIRECTOR))


def asked_of(roles: Sequence[Role], *, asked_at: Instant, at: Instant) -> AskedOf:
    """Return of whom it is asked at `at`: one role more every 20 s, then the telephone; silence is never a yes.

    By the time that passed since the asking; a clock that went back asks the first.
    """
    steps = max(0, int((at - asked_at) / ESCALATES_AFTER))
    return AskedOf(tuple(roles[: steps + 1]), telephone=steps >= max(len(roles), 1))


def give(
    asked: Authorisation,
    speaker: Speaker,
    *,
    roles: Sequence[Role],
    scope: AuthorisationScope,
    until: Instant | None,
    at: Instant,
) -> Authorisation | Cause:
    """Return the authorisation, given; a term that is none (past, or too far) is the cause."""
    lacks = _lacks(asked, speaker, roles=roles)
    if lacks is not None:
        return lacks
    term = at + GIVEN_FOR if until is None else until
    if not at < term <= at + GIVEN_FOR_MAX:
        return Cause.AUTHORISATION_TERM
    return replace(
        asked,
        state=AuthorisationState.GIVEN,
        scope=scope,
        until=term,
        giver=speaker.pseudonym,
        giver_role=speaker.role,
    )


def refuse(
    asked: Authorisation,
    speaker: Speaker,
    *,
    roles: Sequence[Role],
    reason: str | None,
    ground: AnswerGround | None = None,
) -> Authorisation | Cause:
    """Return the authorisation, refused."""
    lacks = _lacks(asked, speaker, roles=roles)
    if lacks is not None:
        return lacks
    return replace(
        asked,
        state=AuthorisationState.REFUSED,
        giver=speaker.pseudonym,
        giver_role=speaker.role,
        reason=reason,
        ground=ground,
    )


def withdraw(
    given: Authorisation,
    speaker: Speaker,
    *,
    roles: Sequence[Role],
    reason: str | None,
    ground: AnswerGround | None = None,
) -> Authorisation | Cause:
    """Return the authorisation, withdrawn: by any of those whose word it could have been."""
    if speaker.role not in roles:
        return Cause.ROLE
    if given.state is not AuthorisationState.GIVEN:
        return Cause.NOT_ASKED
    return replace(
        given, state=AuthorisationState.WITHDRAWN, reason=reason, ground=ground, withdrawn_by_role=speaker.role
    )


def write_down(
    asked: Authorisation,
    recorder: Speaker,
    giver: Speaker | None,
    *,
    roles: Sequence[Role],
    channel: Channel,
    said_at: Instant,
    scope: AuthorisationScope,
    until: Instant | None,
    at: Instant,
) -> Authorisation | Cause:
    """Return the authorisation as given by voice: valid at once, to be confirmed or denied by its giver.

    The owner's agents alone write one down, never their own word; its giver has the role and is on duty (the director
    always is), and said so within the last quarter of an hour.
    """
    if giver is None or giver.party != recorder.party or giver.role not in roles:
        return Cause.GIVERS_ROLE
    if giver.pseudonym == recorder.pseudonym:
        return Cause.OWN_WORD
    if not giver.on_duty:
        return Cause.OFF_DUTY
    if not at - ORAL_AGE_MAX <= said_at <= at:
        return Cause.ORAL_TIME
    given = give(asked, giver, roles=roles, scope=scope, until=until, at=at)
    if isinstance(given, Cause):
        return given
    return replace(given, oral=OralWord(channel, said_at, recorder.pseudonym))


def confirm(given: Authorisation, speaker: Speaker, *, confirmed: bool) -> Authorisation | Cause:
    """Return a word given by voice as its giver confirms it, or denies it: what it let run is then over."""
    if given.oral is None or given.oral.confirmed is not None:
        return Cause.NOT_ASKED
    if speaker.pseudonym != given.giver:
        return Cause.ANOTHERS_WORD
    oral = replace(given.oral, confirmed=confirmed)
    if confirmed or given.state is not AuthorisationState.GIVEN:
        return replace(given, oral=oral)
    return replace(given, oral=oral, state=AuthorisationState.DENIED)


def _lacks(asked: Authorisation, speaker: Speaker, *, roles: Sequence[Role]) -> Cause | None:
    if speaker.role not in roles:
        return Cause.ROLE
    return None if asked.state is AuthorisationState.ASKED else Cause.NOT_ASKED
