"""What two nodes say to each other: a closed set of messages, each read within bounds and spelt in one way.

Knows neither keys nor time: `signed_message` puts a signature, a term and an audience around them. None of them holds an
agent's name, a number of a call or a note of handover: there is no member in which one could stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from belvedere.acts.across_nodes import HOLDERS_MAX
from belvedere.acts.leaving import PartyLeaves
from belvedere.domain.disclosures import MotiveTaken, MotiveTold, MotiveWords
from belvedere.domain.ids import ArticleRef, CameraId, EventId, Pseudonym, ServiceId, StationId, ViewingId
from belvedere.domain.peer_requests import EventTold, OpenAnswer, OpenAsked, ViewingOver, Watching
from belvedere.domain.resolutions import PseudonymResolved, ResolutionTaken
from belvedere.domain.slots import SlotHolder
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Action, Verdict
from belvedere.inventory.cameras import Camera
from belvedere.inventory.catalogue import (
    ENTRIES_MAX,
    BadCameraFacts,
    CatalogueEntry,
    CatalogueTold,
    facts_of,
    read_facts,
)
from belvedere.ledger.canonical import Json
from belvedere.peers.account_messages import ACCOUNT_MEMBERS, AccountsAsked, AccountsTold
from belvedere.peers.members import (
    BadMember,
    Member,
    code,
    digest,
    flag,
    identifier,
    instant,
    many,
    optional,
    path_segment,
    table,
    whole,
    words,
)
from belvedere.peers.motive_messages import MOTIVE_MEMBERS
from belvedere.peers.resolution_messages import RESOLUTION_MEMBERS

SPEAKS = 1
"""The newest version of these messages that this node speaks; it speaks the one before too, once there is one."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of each side of a connection: the newest version that it speaks, and the oldest."""

    speaks: int
    speaks_from: int


@dataclass(frozen=True, slots=True)
class Renew:
    """Its sender is there, and asks whether the other is; the `number` grows by one each time.

    `viewings` are those that it wants at the other's cameras: asked for, or running.
    """

    number: int
    viewings: tuple[Watching, ...] = ()


@dataclass(frozen=True, slots=True)
class Renewed:
    """The answer to the renewal of this `number`; `catalogue` is the newest number of the cameras told to the asker.

    `catalogue_sha256` is that of their whole list: equal numbers alone do not show that the list was set back meanwhile.
    """

    number: int
    catalogue: int
    catalogue_sha256: str
    viewings: tuple[ViewingId, ...] = ()
    """Those of the asker that run at the answerer's cameras."""
    slots_used: int = 0
    """How many of the answerer's cameras flow to the asker's party, what the answerer's node hosts among them."""


@dataclass(frozen=True, slots=True)
class CatalogueAsked:
    """Which cameras changed after this number? After 0, all of them."""

    after: int


@dataclass(frozen=True, slots=True)
class TicketAsked:
    """The asker's relay has no ticket for the pictures of a camera that flows to its party."""

    camera: CameraId


@dataclass(frozen=True, slots=True)
class TicketTold:
    """The ticket with which the asker's relay takes that flow: once, within 30 s, by the asker's TLS key alone."""

    camera: CameraId
    ticket: str = field(repr=False)


PeerMessage = (
    Hello
    | Renew
    | Renewed
    | CatalogueAsked
    | CatalogueTold
    | OpenAsked
    | OpenAnswer
    | ViewingOver
    | TicketAsked
    | TicketTold
    | MotiveWords
    | MotiveTold
    | MotiveTaken
    | AccountsAsked
    | AccountsTold
    | PseudonymResolved
    | ResolutionTaken
    | PartyLeaves
)


def _camera_facts() -> Member[Camera]:
    def read(value: Json) -> Camera:
        try:
            return read_facts(value)
        except BadCameraFacts as failure:
            raise BadMember(str(failure)) from None

    return Member(read, facts_of)


VIEWINGS_MAX = 500
"""How many viewings may run between two nodes: as many as one message lists."""
SLOTS_MAX = 100_000
_VIEWINGS = many(identifier(ViewingId), most=VIEWINGS_MAX)
_WATCHING = many(table(Watching, {"viewing": identifier(ViewingId), "agent": identifier(Pseudonym)}), most=VIEWINGS_MAX)
_ARTICLES = many(identifier(ArticleRef), most=64)
_TEXT = table(Text, {"fr": words(characters_max=1_000), "en": words(characters_max=1_000)})
_ENTRY = table(CatalogueEntry, {"number": whole(), "camera": identifier(CameraId), "facts": optional(_camera_facts())})

MEMBERS: Mapping[type[PeerMessage], Mapping[str, Member[Any]]] = MappingProxyType(
    {
        Hello: {"speaks": whole(most=1000), "speaks_from": whole(most=1000)},
        Renew: {"number": whole(), "viewings": _WATCHING},
        Renewed: {
            "number": whole(),
            "catalogue": whole(),
            "catalogue_sha256": digest(),
            "viewings": _VIEWINGS,
            "slots_used": whole(most=SLOTS_MAX),
        },
        CatalogueAsked: {"after": whole()},
        CatalogueTold: {
            "after": whole(),
            "upto": whole(),
            "newest": whole(),
            "sha256": digest(),
            "entries": many(_ENTRY, most=ENTRIES_MAX),
        },
        OpenAsked: {
            "viewing": identifier(ViewingId),
            "action": code(Action),
            "camera": identifier(CameraId),
            "service": identifier(ServiceId),
            "agent": identifier(Pseudonym),
            "station": identifier(StationId),
            "habilitated": flag(),
            "habilitated_until": optional(instant()),
            "station_registered": flag(),
            "event": optional(
                table(
                    EventTold,
                    {"id": identifier(EventId), "kind": code(str), "motive_sha256": optional(digest())},
                )
            ),
            "purpose": optional(code(str)),
            "joined": flag(),
        },
        OpenAnswer: {
            "viewing": identifier(ViewingId),
            "verdict": code(Verdict),
            "articles": _ARTICLES,
            "valid_until": optional(instant()),
            "cause": optional(code(str)),
            "reason": optional(_TEXT),
            "remedy": optional(_TEXT),
            "slot": optional(whole(most=SLOTS_MAX)),
            "slots_used": whole(most=SLOTS_MAX),
            "slots": optional(whole(most=SLOTS_MAX)),
            "holders": many(
                table(
                    SlotHolder,
                    {
                        "camera": identifier(CameraId),
                        "services": many(identifier(ServiceId), most=64),
                        "since": instant(),
                    },
                ),
                most=HOLDERS_MAX,
            ),
        },
        ViewingOver: {
            "viewing": identifier(ViewingId),
            "cause": code(str),
            "code": whole(most=4999),
            "articles": _ARTICLES,
            "reason": _TEXT,
            "remedy": optional(_TEXT),
            "by": optional(identifier(ServiceId)),
        },
        TicketAsked: {"camera": identifier(CameraId)},
        TicketTold: {"camera": identifier(CameraId), "ticket": path_segment()},
        **MOTIVE_MEMBERS,
        **ACCOUNT_MEMBERS,
        **RESOLUTION_MEMBERS,
    }
)
"""The members of each message beside those that every message has."""

TYPES: Mapping[str, type[PeerMessage]] = MappingProxyType(
    {
        "belvedere-hello+jws": Hello,
        "belvedere-renew+jws": Renew,
        "belvedere-renewed+jws": Renewed,
        "belvedere-catalogue-asked+jws": CatalogueAsked,
        "belvedere-catalogue-told+jws": CatalogueTold,
        "belvedere-open+jws": OpenAsked,
        "belvedere-answer+jws": OpenAnswer,
        "belvedere-over+jws": ViewingOver,
        "belvedere-ticket-asked+jws": TicketAsked,
        "belvedere-ticket-told+jws": TicketTold,
        "belvedere-words+jws": MotiveWords,
        "belvedere-motive+jws": MotiveTold,
        "belvedere-motive-taken+jws": MotiveTaken,
        "belvedere-accounts-asked+jws": AccountsAsked,
        "belvedere-accounts-told+jws": AccountsTold,
        "belvedere-resolved+jws": PseudonymResolved,
        "belvedere-resolved-taken+jws": ResolutionTaken,
        "belvedere-leaving+jws": PartyLeaves,
    }
)
"""How each message is called in a JWS's header (`typ`)."""
TYPE_OF: Mapping[type[PeerMessage], str] = MappingProxyType({kind: typ for typ, kind in TYPES.items()})
UNDER_ANY_TEXT: frozenset[type[PeerMessage]] = frozenset({Hello, Renew, Renewed, ViewingOver})
"""What is heard although the other side has another text in force: nothing new begins with it, and an end always counts."""
