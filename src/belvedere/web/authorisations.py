"""The owner's authorisations to steer: listed, given, refused, taken back; by voice, and confirmed; where a crew is engaged."""

from fastapi import APIRouter

from belvedere.acts.authorise import (
    Answered,
    AnswerRequest,
    ConfirmOralWord,
    DeclareCrew,
    NotDone,
    WithdrawAuthorisation,
    WriteDownOralWord,
)
from belvedere.acts.unknown import Unknown
from belvedere.domain.authorisations import Authorisation
from belvedere.domain.causes import Cause
from belvedere.domain.ids import AuthorisationId, CameraId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.rights.sight import Sight
from belvedere.rights.steered import authorisation_seen
from belvedere.spine.snapshot import Snapshot
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Steering
from belvedere.web.problems import Problem, act_refused, not_found
from belvedere.web.steering_lists import authorisation_body, steering_of, whose_word
from belvedere.web.steering_schemas import (
    AuthorisationAnswerIn,
    AuthorisationIdOut,
    AuthorisationOut,
    AuthorisationPatchIn,
    AuthorisationsOut,
    ConfirmationIn,
    OralAuthorisationIn,
)

router = APIRouter(tags=["ptz"])
_STATUS = {Cause.NOT_ASKED: 409, Cause.AUTHORISATION_TERM: 422, Cause.ORAL_TIME: 422}
"""Of a cause for which nothing was done; any other is 403."""


@router.get("/authorisations")
async def authorisations(requester: SignedIn, ports: Steering) -> AuthorisationsOut:
    """Return what is asked of the owner and what it gave, oldest first."""
    sight = Sight(requester.party, ports.owner)
    found = await ports.store.read(lambda snapshot: steering_of(snapshot, sight, ports))
    return found.seen_by(requester).authorisations


@router.post("/authorisations", status_code=201)
async def write_down(body: OralAuthorisationIn, requester: SignedIn, ports: Steering) -> AuthorisationIdOut:
    """Write down an authorisation that was given by voice; it counts at once."""
    command = WriteDownOralWord(
        requester,
        AuthorisationId(body.lease_request),
        given_by=body.given_by,
        channel=body.channel,
        said_at=body.at,
        scope=body.scope,
        until=body.until,
    )
    return AuthorisationIdOut(id=_done(await ports.desk.write_down(command)).id)


@router.post("/authorisations/{authorisation}")
async def answer_request(
    authorisation: str, body: AuthorisationAnswerIn, requester: SignedIn, ports: Steering
) -> AuthorisationOut:
    """Give the authorisation that is asked for, or refuse it."""
    command = AnswerRequest(
        requester,
        AuthorisationId(authorisation),
        given=body.verdict == "granted",
        scope=body.scope,
        until=body.until,
        reason=body.reason,
        ground=body.ground,
    )
    return await _shown(_done(await ports.desk.answer_request(command)), requester, ports)


@router.patch("/authorisations/{authorisation}")
async def withdraw(
    authorisation: str, body: AuthorisationPatchIn, requester: SignedIn, ports: Steering
) -> AuthorisationOut:
    """Take an authorisation back; what runs by it ends."""
    command = WithdrawAuthorisation(requester, AuthorisationId(authorisation), body.reason, body.ground)
    return await _shown(_done(await ports.desk.withdraw(command)), requester, ports)


@router.post("/authorisations/{authorisation}/confirmation")
async def confirm(authorisation: str, body: ConfirmationIn, requester: SignedIn, ports: Steering) -> AuthorisationOut:
    """Confirm an authorisation that was given by voice, or deny it."""
    command = ConfirmOralWord(requester, AuthorisationId(authorisation), body.confirmed)
    return await _shown(_done(await ports.desk.confirm(command)), requester, ports)


@router.put("/cameras/{camera}/crew", status_code=204)
async def crew_engaged(camera: str, requester: SignedIn, ports: Steering) -> None:
    """Say that a crew of the owner's is engaged at the camera."""
    await _declare(camera, requester, ports, engaged=True)


@router.delete("/cameras/{camera}/crew", status_code=204)
async def crew_gone(camera: str, requester: SignedIn, ports: Steering) -> None:
    """Say that no crew of the owner's is engaged there any more."""
    await _declare(camera, requester, ports, engaged=False)


async def _declare(camera: str, requester: Requester, ports: Steering, *, engaged: bool) -> None:
    outcome = await ports.desk.declare_crew(DeclareCrew(requester, CameraId(camera), engaged))
    if isinstance(outcome, Unknown):
        raise not_found()
    if isinstance(outcome, ActRefused):
        raise act_refused(outcome)


def _done(outcome: Answered) -> Authorisation:
    match outcome:
        case Unknown():
            raise not_found()
        case ActRefused():
            raise act_refused(outcome)
        case NotDone(cause):
            raise Problem(_STATUS.get(cause, 403), cause)
        case _:
            return outcome


async def _shown(word: Authorisation, requester: Requester, ports: Steering) -> AuthorisationOut:
    sight, at = Sight(requester.party, ports.owner), ports.clock.now()

    def find(snapshot: Snapshot) -> AuthorisationOut:
        seen = authorisation_seen(snapshot, word, sight, at)
        body = authorisation_body(seen)
        return body.model_copy(update={"yours": sight.cameras_are_own and whose_word(snapshot, seen, at)(requester)})

    return await ports.store.read(find)
