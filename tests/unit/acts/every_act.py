"""Each act as a step on the small city, and what is wrong where an act forgot what follows from it.

What should hold after any act: nothing runs that is no longer granted, and nobody watches past the own last day.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from belvedere.acts.centre import (
    ConfirmOrder,
    DeclareAuthorisation,
    DeclareRoom,
    VaryHours,
    confirm_order,
    declare_authorisation,
    declare_room,
    vary_hours,
)
from belvedere.acts.close_stream import close_stream, leave
from belvedere.acts.conventions import ReplaceText, replace_text
from belvedere.acts.events import AmendEvent, EventWords, amend_event
from belvedere.acts.open_stream import OpenStream, open_stream
from belvedere.acts.relief import Relieve, relieve
from belvedere.acts.suspend import LiftSuspension, SuspendStream, lift, suspend
from belvedere.acts.terms import TellTerm, tell_term
from belvedere.agents.habilitations import EndHabilitation, end_habilitation
from belvedere.agents.stations import EndStation, end_station
from belvedere.changes import Change, HabilitationRenewed, ViewingEnded
from belvedere.domain.clock import Instant
from belvedere.domain.convention_texts import TermTold, TermWord
from belvedere.domain.ids import EventId, ViewingId
from belvedere.domain.vocabulary import SuspensionGround
from belvedere.policy import read_convention
from belvedere.rights.review import review
from belvedere.spine.after import After
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step
from tests.unit.changes.small_city import (
    AT,
    CONVENTION,
    MARKDOWN,
    PATH,
    TODAY,
    ZONE,
    account,
    camera,
    requester,
    station,
    words,
)
from tests.unit.spine.small_node import SmallNode

Bound = Callable[[Snapshot, Instant], Step[object]]
DIRECTOR, SUPERVISOR = requester("police-director"), requester("cic-supervisor")
LAST_DAY = TODAY
"""Of `cic-operator`; its viewings end with it."""
NO_DOUBT = MARKDOWN.replace(
    b'kinds = ["levee-de-doute", "intervention", "evenement-planifie", "trouble-grave"]',
    b'kinds = ["intervention", "evenement-planifie", "trouble-grave"]',
)
"""A text under which the events of the small city no longer open a camera to the State."""
assert NO_DOUBT != MARKDOWN


ACTS: Mapping[str, Bound] = {
    "complete an event": lambda now, at: amend_event(
        now, AmendEvent(requester("cic-operator"), EventId("e-1"), EventWords(motive=words("rixe"))), at
    ),
    "close an event": lambda now, at: amend_event(
        now, AmendEvent(requester("cic-operator"), EventId("e-1"), EventWords(motive=words("fini")), close=True), at
    ),
    "suspend a stream": lambda now, at: suspend(
        now, SuspendStream(DIRECTOR, ViewingId("v-2"), SuspensionGround.MASK_FAULT, "masque"), at
    ),
    "lift a suspension": lambda now, at: lift(now, LiftSuspension(DIRECTOR, ViewingId("v-over")), at),
    "declare the room inactive": lambda now, at: declare_room(now, DeclareRoom(DIRECTOR, True, "évacuation"), at),
    "withdraw the authorisation": lambda now, at: declare_authorisation(
        now, DeclareAuthorisation(DIRECTOR, True, "arrêté"), at
    ),
    "vary the hours": lambda now, at: vary_hours(
        now, VaryHours(DIRECTOR, date(2026, 3, 29), (time(9), time(12)), "marché"), at
    ),
    "confirm an order": lambda now, at: confirm_order(now, ConfirmOrder(DIRECTOR, camera(3), "arrêté"), at),
    "replace the text": lambda now, at: replace_text(
        now, ReplaceText(DIRECTOR, read_convention(NO_DOUBT, path=PATH), NO_DOUBT, "signé"), at
    ),
    "tell of the term": lambda now, at: tell_term(
        now, TellTerm(DIRECTOR, TermTold(CONVENTION, TermWord.NON_RENEWAL, TODAY, "lettre")), at
    ),
    "end a habilitation": lambda now, at: end_habilitation(
        now, EndHabilitation(SUPERVISOR, account("cic-second").agent), at
    ),
    "end a station": lambda now, at: end_station(now, EndStation(SUPERVISOR, station("cic-second").id), at),
    "relieve": lambda now, at: relieve(now, Relieve(requester("cic-second"), requester("cic-operator", 1)), at),
    "relieve in the own room": lambda now, at: relieve(
        now, Relieve(requester("csu-operator"), requester("csu-second", 1)), at
    ),
    "open a stream": lambda now, at: open_stream(
        now, OpenStream(requester("cic-operator"), camera(5), EventId("e-1"), id="v-5"), at
    ),
    "open a stream again": lambda now, at: open_stream(
        now, OpenStream(requester("cic-operator"), camera(1), EventId("e-1"), id="v-5"), at
    ),
    "close a stream": lambda now, at: close_stream(now, requester("srpj"), ViewingId("v-3"), at),
    "leave": lambda now, at: leave(now, requester("srpj").session_sha256, at),
}
"""Acts by name, each of which changes something in the small city."""
ENDS = {
    "close an event": {"v-1": "event-closed", "v-2": "event-closed"},
    "suspend a stream": {"v-1": "suspended", "v-2": "suspended"},
    "withdraw the authorisation": dict.fromkeys(("v-1", "v-2", "v-3"), "authorisation-withdrawn"),
    "replace the text": dict.fromkeys(("v-1", "v-2", "v-3"), "no-event"),
    "end a habilitation": {"v-2": "not-habilitated"},
    "end a station": {"v-2": "station-unregistered"},
    "close a stream": {"v-3": "closed"},
    "leave": {"v-3": "session-ended"},
}
"""What each act ends, and with which cause; the others end nothing."""


async def settled(node: SmallNode) -> None:
    """Give `cic-operator` its last day, and decide every viewing again."""
    await node.make(HabilitationRenewed(account("cic-operator", until=LAST_DAY), False, AT))
    await node.spine.commit(lambda now, at: Step(None, review(now, at)))
    node.follower.told.clear()


def ends_of(changes: Sequence[Change]) -> dict[str, str]:
    """Return which viewings end, each with its cause."""
    return {change.viewing.id: change.ending.cause.value for change in changes if isinstance(change, ViewingEnded)}


def _of(change: Change) -> str:
    """Return the viewing or the lease that a review changes."""
    right = getattr(change, "viewing", None) or getattr(change, "lease", None)
    return str(getattr(right, "id", type(change).__name__))


def wrong_after(before: Snapshot, changes: Sequence[Change], at: Instant) -> list[str]:
    """Return what should not be once these changes are made: one line a viewing, and what is wrong with it."""
    after = After(before, changes)
    wrong = [f"{_of(each)}: a review would still make {each!r}" for each in review(after, at)]
    for viewing in after.viewings():
        account_ = after.account(viewing.agent)
        held = None if account_ is None else account_.habilitation
        if held is None or held.until is None:
            continue
        over = datetime.combine(held.until + timedelta(days=1), time(0), ZONE)
        if viewing.valid_until is None or viewing.valid_until > over:
            wrong.append(f"{viewing.id}: runs until {viewing.valid_until}, past its agent's last day {held.until}")
    return wrong
