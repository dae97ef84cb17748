"""Streams: opening, listing, closing; and the director's suspensions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from fastapi import APIRouter

from belvedere.acts.open_stream import NotOpened, Opened, OpenStream
from belvedere.acts.suspend import OwnViewing, Suspended, SuspendStream, ViewingUnknown
from belvedere.acts.unknown import Unknown
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Refused
from belvedere.domain.ids import AgentId, CameraId, EventId, PartyId, ViewingId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.slots import SlotHolder
from belvedere.domain.suspensions import Suspension
from belvedere.domain.text import Text
from belvedere.rights.watched import ViewingSeen, watched
from belvedere.spine.snapshot import Snapshot
from belvedere.web.asking import SignedIn
from belvedere.web.ports import Streams
from belvedere.web.problems import act_refused, bad_fields, not_found, refused
from belvedere.web.schemas import (
    HolderOut,
    SlotsOut,
    StreamIn,
    StreamOut,
    StreamsOut,
    SuspensionIn,
    SuspensionOut,
    ViewingEventOut,
    ViewingOut,
)

router = APIRouter(tags=["streams"])


def _holders(holders: Sequence[SlotHolder]) -> list[HolderOut]:
    return [HolderOut(camera=holder.camera, services=list(holder.services), since=holder.since) for holder in holders]


def _viewing(seen: ViewingSeen) -> ViewingOut:
    viewing, event = seen.viewing, seen.event
    return ViewingOut(
        id=viewing.id,
        camera=viewing.camera,
        party=viewing.party,
        service=viewing.service,
        agent=seen.agent,
        station=viewing.station,
        event=None
        if event is None
        else ViewingEventOut(
            id=event.id,
            kind=event.kind,
            motive=event.motive,
            dispatch_number=event.dispatch_number,
            sector=event.sector,
            motive_to_come=event.motive_to_come,
        ),
        purpose=viewing.purpose,
        since=viewing.since,
        valid_until=viewing.valid_until,
        mine=False,
    )


def _suspension(suspension: Suspension) -> SuspensionOut:
    return SuspensionOut(
        camera=suspension.camera,
        party=suspension.party,
        ground=suspension.ground,
        reason=suspension.reason,
        since=suspension.since,
        viewing=suspension.viewing,
    )


@dataclass(frozen=True, slots=True)
class PartyStreams:
    """What one party may see of what is watched; `agents` tells whose its own viewings are."""

    body: StreamsOut
    agents: Mapping[str, AgentId]

    def shows(self, requester: Requester) -> bool:
        """Tell whether the requester watches any of it."""
        return requester.agent in self.agents.values()

    def seen_by(self, requester: Requester) -> StreamsOut:
        """Return the body with the requester's own viewings marked."""
        items = [
            item.model_copy(update={"mine": True}) if self.agents.get(item.id) == requester.agent else item
            for item in self.body.items
        ]
        return self.body.model_copy(update={"items": items})


def streams_of(reading: Snapshot, party: PartyId, slots_told: int = 0) -> PartyStreams:
    """Return what `party` is told of what is watched; other owners count `slots_told` cameras in flow to the node's party."""
    seen = watched(reading, party, slots_told=slots_told)
    return PartyStreams(
        body=StreamsOut(
            items=[_viewing(each) for each in seen.viewings],
            slots=[
                SlotsOut(party=each.party, used=each.used, total=each.most, holders=_holders(each.holders))
                for each in seen.slots
            ],
            suspensions=[_suspension(suspension) for suspension in seen.suspensions],
        ),
        agents={each.viewing.id: each.viewing.agent for each in seen.viewings if each.viewing.party == party},
    )


@router.get("/streams")
async def streams(requester: SignedIn, ports: Streams) -> StreamsOut:
    """Return what is watched now."""
    found = await ports.store.read(lambda reading: streams_of(reading, requester.party, ports.slots_told()))
    return found.seen_by(requester)


@router.post("/streams", status_code=201)
async def open_stream(body: StreamIn, requester: SignedIn, ports: Streams) -> StreamOut:
    """Open a camera for an event."""
    outcome = await ports.opener(
        OpenStream(
            requester=requester,
            camera=CameraId(body.camera),
            event=None if body.event is None else EventId(body.event),
            purpose=body.purpose,
        )
    )
    match outcome:
        case Opened():
            return StreamOut(
                id=outcome.viewing.id,
                camera=outcome.viewing.camera,
                media_url=ports.media_origin() + outcome.media_path,
                slot=outcome.viewing.slot,
                slots=outcome.slots,
                slots_used=None if outcome.viewing.slot is None else outcome.slots_used,
                articles=list(outcome.viewing.articles),
                valid_until=outcome.viewing.valid_until,
            )
        case NotOpened(decision, holders):
            if isinstance(decision, Refused) and decision.cause is Cause.QUOTA:
                raise refused(
                    decision,
                    status=409,
                    members={"holders": [holder.model_dump(mode="json") for holder in _holders(holders)]},
                )
            raise refused(decision)
        case Unknown():
            raise not_found()
        case ActRefused():
            raise act_refused(outcome)
        case _:
            assert_never(outcome)


@router.delete("/streams/{viewing}", status_code=204)
async def close_stream(viewing: str, requester: SignedIn, ports: Streams) -> None:
    """Close one's own viewing."""
    if not await ports.closer(requester, ViewingId(viewing)):
        raise not_found()


def _suspended(outcome: Suspended) -> SuspensionOut:
    match outcome:
        case Suspension():
            return _suspension(outcome)
        case ActRefused():
            raise act_refused(outcome)
        case ViewingUnknown():
            raise not_found()
        case OwnViewing():
            raise bad_fields(
                [
                    (
                        "viewing",
                        Text("sa propre vue se ferme, ne se suspend pas", "one's own viewing is closed, not suspended"),
                    )
                ]
            )
        case _:
            assert_never(outcome)


@router.post("/streams/{viewing}/suspension", status_code=201)
async def suspend(viewing: str, body: SuspensionIn, requester: SignedIn, ports: Streams) -> SuspensionOut:
    """End the viewing's camera's flow to its party, on a listed ground (director)."""
    outcome = await ports.suspensions.suspend(
        SuspendStream(requester=requester, viewing=ViewingId(viewing), ground=body.ground, reason=body.reason)
    )
    return _suspended(outcome)


@router.delete("/streams/{viewing}/suspension", status_code=204)
async def lift(viewing: str, requester: SignedIn, ports: Streams) -> None:
    """Lift the suspension that ended the viewing (director)."""
    _suspended(await ports.suspensions.lift(requester, ViewingId(viewing)))
