"""The closed union of what can happen at a node. A change is fat: it holds all that its tables and its record need.

An act's step returns a tuple of them; `spine` alone makes them so, and what follows from them follows once.
"""

from belvedere.changes.agents import (
    AccountChanged,
    AccountOpened,
    HabilitationEnded,
    HabilitationRenewed,
    LayoutKept,
    SessionClosed,
    SessionOpened,
    SessionRelieved,
    SessionSeen,
    StationEnded,
    StationEnrolled,
    StationRegistered,
)
from belvedere.changes.authorisations import (
    AuthorisationConfirmed,
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationRefused,
    AuthorisationWithdrawn,
    CrewDeclared,
    DeputyEnded,
    DeputyNamed,
)
from belvedere.changes.convention_texts import TermAnnounced, TextInstalled, TextReplaced
from belvedere.changes.decisions import Decided
from belvedere.changes.direction import (
    AuthorisationDeclared,
    HoursAnnounced,
    LogConfirmed,
    OrderConfirmed,
    RoomDeclared,
    StreamSuspended,
    SuspensionLifted,
)
from belvedere.changes.events import EventAmended, EventClosed, EventKept, EventOpened
from belvedere.changes.faults import FaultLocated, FaultRestored, FaultTold
from belvedere.changes.handover import NoteRead, NoteWritten
from belvedere.changes.joining import JointActProposed, KeysInstalled, KeysReplaced, PartyLeft
from belvedere.changes.journal import JournalConsulted
from belvedere.changes.leases import (
    CameraReturned,
    CameraStays,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseMoved,
    LeaseProlonged,
    LeaseRelieved,
)
from belvedere.changes.ledger import (
    LedgerRestored,
    LogContradicted,
    NodeStarted,
    OwnRoomUnrecorded,
    TablesMended,
    WritesRefused,
)
from belvedere.changes.looks import LookAnswered, LookAsked
from belvedere.changes.peers import CataloguePublished, CatalogueReceived, MessageTaken
from belvedere.changes.viewings import OwnerReplied, ViewingEnded, ViewingOpened, ViewingProlonged, ViewingRelieved

Change = (
    AccountChanged
    | AccountOpened
    | AuthorisationConfirmed
    | AuthorisationDeclared
    | AuthorisationDenied
    | AuthorisationGiven
    | AuthorisationOver
    | AuthorisationRefused
    | AuthorisationWithdrawn
    | CameraReturned
    | CameraStays
    | CrewDeclared
    | CataloguePublished
    | CatalogueReceived
    | Decided
    | DeputyEnded
    | DeputyNamed
    | EventAmended
    | EventClosed
    | EventKept
    | EventOpened
    | FaultLocated
    | FaultRestored
    | FaultTold
    | HabilitationEnded
    | HabilitationRenewed
    | HoursAnnounced
    | JointActProposed
    | JournalConsulted
    | KeysInstalled
    | KeysReplaced
    | LayoutKept
    | LeaseAsked
    | LeaseContinued
    | LeaseEnded
    | LeaseGranted
    | LeaseMoved
    | LeaseProlonged
    | LeaseRelieved
    | NodeStarted
    | NoteRead
    | NoteWritten
    | OrderConfirmed
    | OwnRoomUnrecorded
    | OwnerReplied
    | PartyLeft
    | LedgerRestored
    | LogConfirmed
    | LookAnswered
    | LookAsked
    | LogContradicted
    | MessageTaken
    | RoomDeclared
    | SessionClosed
    | SessionOpened
    | SessionRelieved
    | SessionSeen
    | StationEnded
    | StationEnrolled
    | StationRegistered
    | StreamSuspended
    | SuspensionLifted
    | TablesMended
    | TermAnnounced
    | TextInstalled
    | TextReplaced
    | ViewingEnded
    | ViewingOpened
    | ViewingProlonged
    | ViewingRelieved
    | WritesRefused
)

__all__ = [
    "AccountChanged",
    "AccountOpened",
    "AuthorisationConfirmed",
    "AuthorisationDeclared",
    "AuthorisationDenied",
    "AuthorisationGiven",
    "AuthorisationOver",
    "AuthorisationRefused",
    "AuthorisationWithdrawn",
    "CameraReturned",
    "CameraStays",
    "CataloguePublished",
    "CatalogueReceived",
    "Change",
    "CrewDeclared",
    "Decided",
    "DeputyEnded",
    "DeputyNamed",
    "EventAmended",
    "EventClosed",
    "EventKept",
    "EventOpened",
    "FaultLocated",
    "FaultRestored",
    "FaultTold",
    "HabilitationEnded",
    "HabilitationRenewed",
    "HoursAnnounced",
    "JointActProposed",
    "JournalConsulted",
    "KeysInstalled",
    "KeysReplaced",
    "LayoutKept",
    "LeaseAsked",
    "LeaseContinued",
    "LeaseEnded",
    "LeaseGranted",
    "LeaseMoved",
    "LeaseProlonged",
    "LeaseRelieved",
    "LedgerRestored",
    "LogConfirmed",
    "LogContradicted",
    "LookAnswered",
    "LookAsked",
    "MessageTaken",
    "NodeStarted",
    "NoteRead",
    "NoteWritten",
    "OrderConfirmed",
    "OwnRoomUnrecorded",
    "OwnerReplied",
    "PartyLeft",
    "RoomDeclared",
    "SessionClosed",
    "SessionOpened",
    "SessionRelieved",
    "SessionSeen",
    "StationEnded",
    "StationEnrolled",
    "StationRegistered",
    "StreamSuspended",
    "SuspensionLifted",
    "TablesMended",
    "TermAnnounced",
    "TextInstalled",
    "TextReplaced",
    "ViewingEnded",
    "ViewingOpened",
    "ViewingProlonged",
    "ViewingRelieved",
    "WritesRefused",
]
