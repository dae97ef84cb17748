"""Who is told an event's motive: the owners of the cameras that it opened, each version once (CSI R253-5; rules C5)."""

from belvedere.changes import MotiveDisclosed
from belvedere.domain.clock import Instant
from belvedere.domain.disclosures import Disclosure
from belvedere.domain.events import Event
from belvedere.domain.ids import PartyId
from belvedere.domain.requester import Requester
from belvedere.spine.snapshot import Snapshot


def at_opening(
    snapshot: Snapshot, event: Event | None, requester: Requester, owner: PartyId, now: Instant, *, asked: Event | None
) -> tuple[MotiveDisclosed, ...]:
    """Return what is owed to the owner of a camera that opens; nothing more for an event that it was told of already.

    `asked` is the event as the question named it: where its words changed since, both versions are owed.
    """
    if event is None or asked is None or any(each.owner == owner for each in snapshot.disclosures(event.id)):
        return ()
    first = _version(asked, requester, owner, 1, now)
    if (event.motive, event.sector) == (asked.motive, asked.sector):
        return (first,)
    return first, _version(event, requester, owner, 2, now)


def of_change(snapshot: Snapshot, event: Event, requester: Requester, now: Instant) -> tuple[MotiveDisclosed, ...]:
    """Return what is owed to each owner that was told of the event, once its motive or its sector is another."""
    newest: dict[PartyId, int] = {}
    for each in snapshot.disclosures(event.id):
        newest[each.owner] = max(each.number, newest.get(each.owner, 0))
    return tuple(_version(event, requester, owner, number + 1, now) for owner, number in newest.items())


def _version(event: Event, requester: Requester, owner: PartyId, number: int, now: Instant) -> MotiveDisclosed:
    return MotiveDisclosed(
        Disclosure(
            owner=owner,
            event=event.id,
            kind=event.kind.value,
            number=number,
            # A blank is no motive, and the question named none (rules A7).
            motive=event.motive if event.motive is not None and event.motive.text.strip() else None,
            sector=event.sector,
            agent=requester.pseudonym,
            service=requester.service,
            at=now,
        )
    )
