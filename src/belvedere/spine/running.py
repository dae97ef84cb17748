"""The running viewings of one state: by id, by slot, by holder. Never changed once made."""

from collections.abc import Iterable, Mapping, Sequence

from belvedere.domain.ids import CameraId, PartyId, ViewingId
from belvedere.domain.request import Holder
from belvedere.domain.viewings import Viewing


class Running:
    """The running viewings, oldest first."""

    def __init__(self, viewings_by_id: Mapping[ViewingId, Viewing]) -> None:
        self.by_id = viewings_by_id
        self._slots: dict[PartyId, dict[CameraId, list[Viewing]]] = {}
        self._holders: dict[PartyId, tuple[Holder, ...]] = {}

    def holders(self, party: PartyId) -> tuple[Holder, ...]:
        """Return each camera in flow to `party` with each service that watches it; worked out once."""
        found = self._holders.get(party)
        if found is None:
            found = tuple(
                Holder(camera=camera, service=service)
                for camera, watching in self.slots(party).items()
                for service in dict.fromkeys(viewing.service for viewing in watching)
            )
            self._holders[party] = found
        return found

    def slots(self, party: PartyId) -> Mapping[CameraId, Sequence[Viewing]]:
        """Return the cameras in flow to `party`, each with its viewings, oldest first; worked out once."""
        found = self._slots.get(party)
        if found is None:
            found = {}
            for viewing in self.by_id.values():
                if viewing.party == party:
                    found.setdefault(viewing.camera, []).append(viewing)
            self._slots[party] = found
        return found

    def after(self, put: Mapping[ViewingId, Viewing], gone: Iterable[ViewingId]) -> "Running":
        """Return the viewings once those of `put` run as they stand there, and those of `gone` have ended."""
        by_id = {**self.by_id, **put}
        for viewing in gone:
            by_id.pop(viewing, None)
        return Running(by_id)
