"""The owner's word that lets a partner steer: given, refused, taken back; given by voice, and confirmed or denied. Rules A11.

What rests on a word is decided again in the same step: a lease that waited for it is granted, one that it bore ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from belvedere.acts.unknown import Unknown
from belvedere.changes import (
    AuthorisationConfirmed,
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationRefused,
    AuthorisationWithdrawn,
    Change,
    CrewDeclared,
)
from belvedere.changes.records import event_ref, reference, subject_of
from belvedere.domain.authorisations import (
    AnswerGround,
    Authorisation,
    AuthorisationScope,
    Channel,
    CrewEngaged,
)
from belvedere.domain.causes import Cause
from belvedere.domain.clock import Instant
from belvedere.domain.ids import AuthorisationId, CameraId, LeaseId
from belvedere.domain.record import ConventionRef
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import ROOM_ROLES, Requester
from belvedere.domain.standing import Needs
from belvedere.domain.vocabulary import Role
from belvedere.policy import Convention
from belvedere.rights import authorisations as rules
from belvedere.rights.authorisations import Speaker
from belvedere.rights.facts import speaks_as
from belvedere.rights.review import leases_after
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

IN_THE_OWNERS_ROOM = Needs(owner=ROOM_ROLES)
"""Which of them may give a word the convention says: the others are answered so."""
CHIEF = Needs(owner=frozenset({Role.CSU_ROOM_CHIEF, Role.POLICE_DIRECTOR}))


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """The command: the word that is asked for is given, for a camera or the event's, until a term; or refused."""

    needs: ClassVar[Needs] = IN_THE_OWNERS_ROOM
    essential: ClassVar[bool] = False
    requester: Requester
    authorisation: AuthorisationId
    given: bool
    scope: AuthorisationScope = AuthorisationScope.CAMERA
    until: Instant | None = None
    reason: str | None = None
    ground: AnswerGround | None = None


@dataclass(frozen=True, slots=True)
class WithdrawAuthorisation:
    """The command: a word that was given is taken back; what runs by it ends."""

    needs: ClassVar[Needs] = IN_THE_OWNERS_ROOM
    essential: ClassVar[bool] = True
    requester: Requester
    authorisation: AuthorisationId
    reason: str | None = None
    ground: AnswerGround | None = None


@dataclass(frozen=True, slots=True)
class WriteDownOralWord:
    """The command: somebody gave the word by voice; `authorisation` may be the id of the lease that asks for it. `given_by` is its giver's login, agent id, or role where one has it."""

    needs: ClassVar[Needs] = IN_THE_OWNERS_ROOM
    essential: ClassVar[bool] = False
    requester: Requester
    authorisation: AuthorisationId
    given_by: str
    channel: Channel
    said_at: Instant
    scope: AuthorisationScope = AuthorisationScope.CAMERA
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class ConfirmOralWord:
    """The command: its giver confirms a word that was written down as its, or denies it."""

    needs: ClassVar[Needs] = IN_THE_OWNERS_ROOM
    essential: ClassVar[bool] = True
    requester: Requester
    authorisation: AuthorisationId
    confirmed: bool


@dataclass(frozen=True, slots=True)
class DeclareCrew:
    """The command: a crew of the owner's is engaged at a camera, or no longer."""

    needs: ClassVar[Needs] = CHIEF
    essential: ClassVar[bool] = True
    requester: Requester
    camera: CameraId
    engaged: bool


@dataclass(frozen=True, slots=True)
class NotDone:
    """The word is not what was asked for: nobody waits for it, it is out of time, or another's."""

    cause: Cause


Answered = Authorisation | NotDone | Unknown | ActRefused
_Command = AnswerRequest | WithdrawAuthorisation | WriteDownOralWord | ConfirmOralWord
_Told = type[
    AuthorisationGiven | AuthorisationRefused | AuthorisationWithdrawn | AuthorisationConfirmed | AuthorisationDenied
]


def answer_request(snapshot: Snapshot, command: AnswerRequest, now: Instant) -> Step[Answered]:
    """Give the word, or refuse it; what waits for it is decided again."""

    def answer(word: Authorisation, roles: tuple[Role, ...]) -> Authorisation | Cause:
        speaker = _speaker(snapshot, command.requester, roles, now)
        if not command.given:
            return rules.refuse(word, speaker, roles=roles, reason=command.reason, ground=command.ground)
        return rules.give(word, speaker, roles=roles, scope=command.scope, until=command.until, at=now)

    told = AuthorisationGiven if command.given else AuthorisationRefused
    return _answer(snapshot, command, now, answer, told)


def withdraw_authorisation(snapshot: Snapshot, command: WithdrawAuthorisation, now: Instant) -> Step[Answered]:
    """Take a word back; every lease that rests on it ends."""

    def answer(word: Authorisation, roles: tuple[Role, ...]) -> Authorisation | Cause:
        speaker = _speaker(snapshot, command.requester, roles, now)
        return rules.withdraw(word, speaker, roles=roles, reason=command.reason, ground=command.ground)

    return _answer(snapshot, command, now, answer, AuthorisationWithdrawn)


def write_down_oral_word(snapshot: Snapshot, command: WriteDownOralWord, now: Instant) -> Step[Answered]:
    """Write down a word that was given by voice; it counts at once."""

    def answer(word: Authorisation, roles: tuple[Role, ...]) -> Authorisation | Cause:
        return rules.write_down(
            word,
            _speaker(snapshot, command.requester, roles, now),
            _giver(snapshot, command.given_by, roles, now),
            roles=roles,
            channel=command.channel,
            said_at=command.said_at,
            scope=command.scope,
            until=command.until,
            at=now,
        )

    return _answer(snapshot, command, now, answer, AuthorisationGiven)


def confirm_oral_word(snapshot: Snapshot, command: ConfirmOralWord, now: Instant) -> Step[Answered]:
    """Confirm a word that was given by voice, or deny it; what a denied word let run ends."""

    def answer(word: Authorisation, roles: tuple[Role, ...]) -> Authorisation | Cause:
        speaker = _speaker(snapshot, command.requester, roles, now)
        return rules.confirm(word, speaker, confirmed=command.confirmed)

    told = AuthorisationConfirmed if command.confirmed else AuthorisationDenied
    return _answer(snapshot, command, now, answer, told)


def declare_crew(snapshot: Snapshot, command: DeclareCrew, now: Instant) -> Step[CrewEngaged | Unknown]:
    """Mark a camera, or unmark it: a word for an event's cameras leaves out those at which a crew is engaged."""
    camera = snapshot.place.cameras.watched(command.camera)
    if camera is None or camera.owner != command.requester.party:
        return Step(Unknown("camera"))
    crew = CrewEngaged(command.camera, now, command.requester.pseudonym)
    convention = snapshot.convention_between(camera.owner, camera.owner)
    ref = None if convention is None else reference(convention)
    change = CrewDeclared(crew, command.engaged, subject_of(command.requester), now, ref)
    return Step(crew, (change, *leases_after(snapshot, (change,), now)))


def _answer(
    snapshot: Snapshot,
    command: _Command,
    now: Instant,
    answer: Callable[[Authorisation, tuple[Role, ...]], Authorisation | Cause],
    told_as: _Told,
) -> Step[Answered]:
    requester, word = command.requester, _named(snapshot, command.authorisation)
    camera = None if word is None else snapshot.place.cameras.watched(word.camera)
    if word is None or camera is None or camera.owner != requester.party:
        return Step(Unknown("authorisation"))
    convention = snapshot.convention_between(camera.owner, word.party)
    roles = () if convention is None else rules.givers(convention, owner=camera.owner, party=word.party)
    found = answer(word, roles)
    if found is Cause.ROLE:
        return Step(ActRefused(Cause.ROLE))
    if isinstance(found, Cause):
        return Step(NotDone(found))
    change = told_as(found, subject_of(requester), now, _ref(convention), event_ref(snapshot.event(found.event)))
    changes: tuple[Change, ...] = (change,)
    return Step(found, (*changes, *leases_after(snapshot, changes, now)))


def _named(snapshot: Snapshot, authorisation: AuthorisationId) -> Authorisation | None:
    """Return the authorisation of this id, or the one that the lease of this id asked for."""
    found = snapshot.authorisation(authorisation)
    lease = snapshot.lease(LeaseId(authorisation)) if found is None else None
    if lease is None or lease.authorisation is None:
        return found
    return snapshot.authorisation(lease.authorisation)


def _ref(convention: Convention | None) -> ConventionRef | None:
    return None if convention is None else reference(convention)


def _speaker(snapshot: Snapshot, requester: Requester, roles: Sequence[Role], at: Instant) -> Speaker:
    role = speaks_as(snapshot, requester.agent, requester.role, roles, at)
    return Speaker(requester.pseudonym, requester.party, role)


def _giver(snapshot: Snapshot, named: str, roles: Sequence[Role], at: Instant) -> Speaker | None:
    """Return whoever is named as a word's giver: an agent of the node's party, or the only one on duty in a role."""
    today = at.astimezone(snapshot.place.zone).date()
    accounts = [
        each
        for each in snapshot.accounts(snapshot.place.party)
        if each.habilitation is not None and each.habilitation.covers(today)
    ]
    signed_in = {session.agent for session in snapshot.open_sessions()}
    found = [each for each in accounts if named in {each.login, each.agent}]
    if not found:
        found = [each for each in accounts if each.role == named and each.agent in signed_in]
    if len(found) != 1:
        return None
    (account,) = found
    role = speaks_as(snapshot, account.agent, account.role, roles, at)
    # The director always is; a deputy speaks as one, and is at home like anybody.
    on_duty = account.agent in signed_in or account.role is Role.POLICE_DIRECTOR
    return Speaker(account.pseudonym, account.party, role, on_duty=on_duty)
