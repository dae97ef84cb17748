"""Where routes ask to steer: each act in one step; the owner's hand first in memory, then at the camera, then in the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from belvedere.acts.authorise import (
    Answered,
    AnswerRequest,
    ConfirmOralWord,
    DeclareCrew,
    WithdrawAuthorisation,
    WriteDownOralWord,
    answer_request,
    confirm_oral_word,
    declare_crew,
    withdraw_authorisation,
    write_down_oral_word,
)
from belvedere.acts.return_home import HaveItStay, have_it_stay
from belvedere.acts.steering import (
    AnswerColleague,
    Released,
    ReleasePtz,
    Taken,
    TakePtz,
    answer_colleague,
    release_ptz,
    take_ptz,
)
from belvedere.acts.unknown import Unknown
from belvedere.domain.authorisations import CrewEngaged
from belvedere.domain.ids import CameraId, EventId, IdSource, LeaseId
from belvedere.domain.leases import Lease, Rank
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import SUPERVISORS, Requester
from belvedere.domain.rest import AwayCamera
from belvedere.ptz.arbitration import HoldersAnswer
from belvedere.spine.commit import Spine
from belvedere.spine.snapshot import Place


class Hands(Protocol):
    """Who steers, in memory: the owner's hand is on a camera before anything is written. All calls return at once."""

    def steers(self, camera: CameraId) -> bool:
        """Whether this camera is steered from here."""

    def away(self) -> Sequence[AwayCamera]:
        """Return the cameras that look where a partner's lease left them."""

    def seize(self, camera: CameraId, rank: Rank) -> int:
        """Stop the camera for whoever comes before its holder; return the newest fence, which moves it no more."""

    def let_go(self, camera: CameraId) -> None:
        """The act for which it was seized is over: whoever holds the camera now goes on."""

    def give_more(self, lease: LeaseId) -> None:
        """Note that the holder keeps the camera for a while longer before whoever asks under `lease` has it."""


class SteeringDesk:
    """Asks, answers and gives back. Without `hands` this node commands no camera, and says so."""

    def __init__(self, spine: Spine, ids: IdSource, hands: Hands | None, *, place: Place) -> None:
        self._spine = spine
        self._ids = ids
        self._hands = hands
        self._place = place

    async def take(self, requester: Requester, camera: CameraId, event: EventId | None) -> Taken | ActRefused:
        """Let the requester steer, or wait; the owner's hand stops the camera at once. Raises `NotRecorded`."""
        command = TakePtz(
            requester,
            camera,
            event,
            id=self._ids.fresh("l"),
            authorisation=self._ids.fresh("a"),
            offered=self._hands is not None and self._hands.steers(camera),
        )
        if self._hands is None or not command.offered or not self._place.is_own_room(requester.party, camera):
            return await self._spine.act(take_ptz, command)
        rank = Rank.OWN_CHIEF if requester.role in SUPERVISORS else Rank.OWN_ROOM
        command = replace(command, fence=self._hands.seize(camera, rank))
        try:
            return await self._spine.act(take_ptz, command)
        finally:
            self._hands.let_go(camera)

    async def release(self, requester: Requester, lease: LeaseId) -> Released | ActRefused:
        """Give a lease back; raises `NotRecorded`, and the camera is given back all the same."""
        return await self._spine.act(release_ptz, ReleasePtz(requester, lease))

    async def answer(self, requester: Requester, lease: LeaseId, answer: HoldersAnswer) -> Lease | Unknown | ActRefused:
        """Answer a colleague who asks for the camera; raises `NotRecorded`."""
        answered = await self._spine.act(answer_colleague, AnswerColleague(requester, lease, answer))
        if self._hands is not None and answer is HoldersAnswer.MORE and isinstance(answered, Lease):
            self._hands.give_more(lease)
        return answered

    async def have_it_stay(self, requester: Requester, camera: CameraId) -> AwayCamera | Unknown | ActRefused:
        """Have a camera stay where a partner's lease left it. Raises `NotRecorded`, and it stays all the same."""
        left = () if self._hands is None else self._hands.away()
        away = next((each for each in left if each.camera == camera), None)
        return await self._spine.act(have_it_stay, HaveItStay(requester, camera, away))

    async def answer_request(self, command: AnswerRequest) -> Answered:
        """Give the owner's word, or refuse it; raises `NotRecorded`."""
        return await self._spine.act(answer_request, command)

    async def withdraw(self, command: WithdrawAuthorisation) -> Answered:
        """Take a word back. Raises `NotRecorded`; what runs by it has ended all the same."""
        return await self._spine.act(withdraw_authorisation, command)

    async def write_down(self, command: WriteDownOralWord) -> Answered:
        """Write down a word given by voice; raises `NotRecorded`."""
        return await self._spine.act(write_down_oral_word, command)

    async def confirm(self, command: ConfirmOralWord) -> Answered:
        """Confirm or deny a word that was given by voice; raises `NotRecorded`."""
        return await self._spine.act(confirm_oral_word, command)

    async def declare_crew(self, command: DeclareCrew) -> CrewEngaged | Unknown | ActRefused:
        """Mark a camera, or unmark it; raises `NotRecorded`."""
        return await self._spine.act(declare_crew, command)
