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
from belvedere.changes.disclosures import DisclosureTaken, MotiveDisclosed, MotiveReceived
from belvedere.changes.events import EventAmended, EventClosed, EventKept, EventOpened
from belvedere.changes.faults import (
    FaultLocated,
    FaultRestored,
    FaultTold,
    LinkFaultClosed,
    LinkFaultLocated,
    LinkFaultRestored,
    LinkFaultTold,
)
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
from belvedere.changes.peers import CataloguePublished, CatalogueReceived, DisagreementFound, MessageTaken
from belvedere.changes.resolutions import ResolutionMade, ResolutionReceived, ResolutionSettled
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
    | DisagreementFound
    | DisclosureTaken
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
    | LinkFaultClosed
    | LinkFaultLocated
    | LinkFaultRestored
    | LinkFaultTold
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
    | MotiveDisclosed
    | MotiveReceived
    | ResolutionMade
    | ResolutionReceived
    | ResolutionSettled
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
    "DisagreementFound",
    "DisclosureTaken",
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
    "LinkFaultClosed",
    "LinkFaultLocated",
    "LinkFaultRestored",
    "LinkFaultTold",
    "LogConfirmed",
    "LogContradicted",
    "LookAnswered",
    "LookAsked",
    "MessageTaken",
    "MotiveDisclosed",
    "MotiveReceived",
    "NodeStarted",
    "NoteRead",
    "NoteWritten",
    "OrderConfirmed",
    "OwnRoomUnrecorded",
    "OwnerReplied",
    "PartyLeft",
    "ResolutionMade",
    "ResolutionReceived",
    "ResolutionSettled",
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
