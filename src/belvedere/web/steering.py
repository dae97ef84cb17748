"""Steering: asked for, commanded, answered, given back."""

from typing import assert_never

from fastapi import APIRouter, Response

from belvedere.acts.steering import HeldBy, Steers, Taken, TooMany, Waits
from belvedere.acts.unknown import Unknown
from belvedere.domain.authorisations import Authorisation
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Refused
from belvedere.domain.ids import CameraId, EventId, LeaseId
from belvedere.domain.leases import LeaseOver
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.steering import GoToPreset, Movement, PicturePoint, Steerable, Velocity
from belvedere.ptz.arbitration import Rejected
from belvedere.rights.lease_endings import OF_AUTHORISATION
from belvedere.rights.sight import Sight
from belvedere.rights.steered import lease_until
from belvedere.spine.snapshot import Snapshot
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Steering
from belvedere.web.problems import Problem, act_refused, not_found, refused
from belvedere.web.schemas import LeaseIn, ObligationOut
from belvedere.web.steering_lists import notices_of, steering_of
from belvedere.web.steering_schemas import (
    AnswerIn,
    GoToIn,
    LeaseOut,
    LeasesOut,
    MoveIn,
    NoticesOut,
    PresetOut,
    SteerableOut,
)

router = APIRouter(tags=["ptz"])


@router.post("/ptz/leases", status_code=201, responses={202: {"model": LeaseOut}})
async def take_ptz(body: LeaseIn, requester: SignedIn, ports: Steering, response: Response) -> LeaseOut:
    """Ask to steer a camera: granted, or (202) asked of the owner or of whoever steers."""
    outcome = await ports.desk.take(
        requester, CameraId(body.camera), None if body.event is None else EventId(body.event)
    )
    match outcome:
        case Steers(lease, obligations):
            return LeaseOut(
                id=lease.id,
                camera=lease.camera,
                state="held",
                articles=list(lease.articles),
                until=lease_until(lease),
                obligations=[ObligationOut(kind=each.kind.value, due=each.due) for each in obligations],
                authorisation=lease.authorisation,
                asked_of=[],
            )
        case Waits(lease, authorisation, asked_of):
            response.status_code = 202
            return LeaseOut(
                id=lease.id,
                camera=lease.camera,
                state="asked",
                articles=list(lease.articles),
                until=None,
                obligations=[],
                authorisation=authorisation,
                asked_of=list(asked_of),
            )
        case HeldBy(refused=why) | (Refused() as why):
            ports.note(why)
            raise _not_taken(outcome)
        case _:
            raise _not_taken(outcome)


def _not_taken(outcome: Taken | ActRefused) -> Problem:
    """Return why the camera is not the requester's to steer."""
    match outcome:
        case Unknown():
            return not_found()
        case ActRefused():
            return act_refused(outcome)
        case HeldBy(party, service, since, why):
            holder = {"party": party, "service": service, "since": None if since is None else since.isoformat()}
            return refused(why, status=409, members={"holder": holder})
        case TooMany():
            return Problem(503, Cause.BUSY, headers={"Retry-After": "1"})
        case Refused():
            return refused(outcome)
        case Steers() | Waits():
            raise AssertionError("it is taken, or asked for")
        case _:
            assert_never(outcome)


@router.get("/ptz/leases")
async def leases(requester: SignedIn, ports: Steering) -> LeasesOut:
    """Return who steers and who asks to."""
    sight = Sight(requester.party, ports.owner)
    found = await ports.store.read(lambda snapshot: steering_of(snapshot, sight, ports))
    return found.seen_by(requester).leases


@router.get("/notices")
async def notices(requester: SignedIn, ports: Steering) -> NoticesOut:
    """Return the notices that one's party owes, and those owed to it, oldest first."""
    sight = Sight(requester.party, ports.owner)
    return await ports.store.read(lambda snapshot: notices_of(snapshot, sight, ports))


@router.get("/ptz/leases/{lease}/camera")
async def camera(lease: str, requester: SignedIn, ports: Steering) -> SteerableOut:
    """Return what the camera of one's own lease can be told, and its named presets."""
    held = None if ports.hands is None else ports.hands.held(LeaseId(lease), requester)
    if ports.hands is None or held is None:
        raise await _not_commanded(LeaseId(lease), Rejected(Cause.LEASE_ONLY_ASKED), requester, ports)
    found = await ports.hands.steerable(held.camera)
    if not isinstance(found, Steerable):
        raise Problem(503, Cause.CAMERA_SILENT, found.cause.words, headers={"Retry-After": "2"})
    can = found.abilities
    return SteerableOut(
        pan_tilt=can.pan_tilt,
        zoom=can.zoom,
        picture_points=can.picture_points,
        presets=[PresetOut(token=each.token, name=each.name) for each in found.presets],
    )


@router.post("/ptz/leases/{lease}/move", status_code=204)
async def move(lease: str, body: MoveIn, requester: SignedIn, ports: Steering) -> None:
    """Turn the camera for half a second; repeated, it goes on."""
    await _command(lease, Velocity(body.pan, body.tilt, body.zoom), requester, ports)


@router.post("/ptz/leases/{lease}/goto", status_code=204)
async def go_to(lease: str, body: GoToIn, requester: SignedIn, ports: Steering) -> None:
    """Turn the camera to a preset, or a point of the picture to its centre."""
    place: Movement
    if body.preset is not None:
        place = GoToPreset(body.preset)
    else:
        place = PicturePoint(body.x or 0.0, body.y or 0.0, body.zoom)
    await _command(lease, place, requester, ports)


@router.post("/ptz/leases/{lease}/stop", status_code=204)
async def stop(lease: str, requester: SignedIn, ports: Steering) -> None:
    """Stop the camera."""
    await _command(lease, None, requester, ports)


async def _command(lease: str, movement: Movement | None, requester: Requester, ports: Steering) -> None:
    """Command a movement, or a stop, under the requester's own lease; in memory alone where it is held."""
    hands, named = ports.hands, LeaseId(lease)
    if hands is None or not hands.is_of(named, requester):
        raise await _not_commanded(named, Rejected(Cause.LEASE_OVER), requester, ports)
    rejected = hands.stop(named) if movement is None else hands.move(named, movement)
    if rejected is not None:
        raise await _not_commanded(named, rejected, requester, ports)


async def _not_commanded(lease: LeaseId, rejected: Rejected, requester: Requester, ports: Steering) -> Problem:
    """Return why the camera does not turn: what is kept of a lease that is over tells the cause and the articles.

    Where the owner's word ended it, by whose role and on which ground.
    """

    def find(snapshot: Snapshot) -> tuple[bool, LeaseOver | None, Authorisation | None]:
        known, over = snapshot.lease(lease), snapshot.lease_over(lease)
        word = None if over is None or over.authorisation is None else snapshot.authorisation(over.authorisation)
        return known is not None and known.agent == requester.agent, over, word

    is_known, over, word = await ports.store.read(find)
    if over is not None and over.party == requester.party:
        return Problem(
            409,
            Cause.LEASE_OVER,
            over.cause.words.sentence,
            articles=over.articles,
            cause=over.cause,
            members=_who_and_why(over.cause, word),
        )
    return Problem(409, rejected.cause) if is_known else not_found()


def _who_and_why(cause: Cause, word: Authorisation | None) -> dict[str, object]:
    """Return whose role refused or took back the word that a lease rested on, and why; nothing of one that still stands."""
    if word is None or cause is not OF_AUTHORISATION.get(word.state):
        return {}
    return {"by_role": word.withdrawn_by_role or word.giver_role, "ground": word.ground}


@router.post("/ptz/leases/{lease}/answer", status_code=204)
async def answer(lease: str, body: AnswerIn, requester: SignedIn, ports: Steering) -> None:
    """Answer a colleague who asks for the camera: yes, no, or 30 s more."""
    outcome = await ports.desk.answer(requester, LeaseId(lease), body.answer)
    if isinstance(outcome, Unknown):
        raise not_found()
    if isinstance(outcome, ActRefused):
        raise act_refused(outcome)


@router.delete("/ptz/away/{camera}", status_code=204)
async def have_it_stay(camera: str, requester: SignedIn, ports: Steering) -> None:
    """Have a camera stay where a partner's lease left it."""
    outcome = await ports.desk.have_it_stay(requester, CameraId(camera))
    if isinstance(outcome, Unknown):
        raise not_found()
    if isinstance(outcome, ActRefused):
        raise act_refused(outcome)


@router.delete("/ptz/leases/{lease}", status_code=204)
async def release(lease: str, requester: SignedIn, ports: Steering) -> None:
    """Give a lease back, or ask for it no longer."""
    outcome = await ports.desk.release(requester, LeaseId(lease))
    match outcome:
        case Unknown():
            raise not_found()
        case ActRefused():
            raise act_refused(outcome)
        case LeaseOver():
            raise Problem(
                409, Cause.LEASE_OVER, outcome.cause.words.sentence, articles=outcome.articles, cause=outcome.cause
            )
        case _:
            pass
