"""What two nodes say to each other: a closed set of messages, each read within bounds and spelt in one way.

Knows neither keys nor time: `signed_message` puts a signature, a term and an audience around them. None of them holds an
agent's name, a number of a call or a note of handover: there is no member in which one could stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from belvedere.domain.ids import CameraId
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
from belvedere.peers.members import BadMember, Member, digest, identifier, many, optional, table, whole

SPEAKS = 1
"""The newest version of these messages that this node speaks; it speaks the one before too, once there is one."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of each side of a connection: the newest version that it speaks, and the oldest."""

    speaks: int
    speaks_from: int


@dataclass(frozen=True, slots=True)
class Renew:
    """The dialling side is there, and asks whether the other is; the `number` grows by one each time."""

    number: int


@dataclass(frozen=True, slots=True)
class Renewed:
    """The answer to the renewal of this `number`; `catalogue` is the newest number of the cameras told to the asker.

    `catalogue_sha256` is that of their whole list: equal numbers alone do not show that the list was set back meanwhile.
    """

    number: int
    catalogue: int
    catalogue_sha256: str


@dataclass(frozen=True, slots=True)
class CatalogueAsked:
    """Which cameras changed after this number? After 0, all of them."""

    after: int


PeerMessage = Hello | Renew | Renewed | CatalogueAsked | CatalogueTold


def _camera_facts() -> Member[Camera]:
    def read(value: Json) -> Camera:
        try:
            return read_facts(value)
        except BadCameraFacts as failure:
            raise BadMember(str(failure)) from None

    return Member(read, facts_of)


_ENTRY = table(CatalogueEntry, {"number": whole(), "camera": identifier(CameraId), "facts": optional(_camera_facts())})

MEMBERS: Mapping[type[PeerMessage], Mapping[str, Member[Any]]] = MappingProxyType(
    {
        Hello: {"speaks": whole(most=1000), "speaks_from": whole(most=1000)},
        Renew: {"number": whole()},
        Renewed: {"number": whole(), "catalogue": whole(), "catalogue_sha256": digest()},
        CatalogueAsked: {"after": whole()},
        CatalogueTold: {
            "after": whole(),
            "upto": whole(),
            "newest": whole(),
            "sha256": digest(),
            "entries": many(_ENTRY, most=ENTRIES_MAX),
        },
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
    }
)
"""How each message is called in a JWS's header (`typ`)."""
TYPE_OF: Mapping[type[PeerMessage], str] = MappingProxyType({kind: typ for typ, kind in TYPES.items()})
UNDER_ANY_TEXT: frozenset[type[PeerMessage]] = frozenset({Hello, Renew, Renewed})
"""What is heard although the other side has another text in force: nothing new begins with it."""
