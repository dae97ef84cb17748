"""The screens follow: every list that a change touches is sent again, and whoever lost a picture is told why."""

from collections.abc import Sequence
from typing import Protocol

from belvedere.changes import (
    AccountChanged,
    AuthorisationConfirmed,
    AuthorisationDeclared,
    AuthorisationDenied,
    AuthorisationGiven,
    AuthorisationOver,
    AuthorisationRefused,
    AuthorisationWithdrawn,
    CameraReturned,
    CameraStays,
    Change,
    CrewDeclared,
    DeputyEnded,
    DeputyNamed,
    EventAmended,
    EventClosed,
    EventKept,
    EventOpened,
    HabilitationEnded,
    HabilitationRenewed,
    HoursAnnounced,
    LeaseAsked,
    LeaseContinued,
    LeaseEnded,
    LeaseGranted,
    LeaseProlonged,
    LeaseRelieved,
    LookAnswered,
    LookAsked,
    OrderConfirmed,
    PartyLeft,
    RoomDeclared,
    SessionClosed,
    SessionOpened,
    SessionRelieved,
    StationEnded,
    StreamSuspended,
    SuspensionLifted,
    TermAnnounced,
    TextReplaced,
    ViewingEnded,
    ViewingOpened,
    ViewingProlonged,
    ViewingRelieved,
)
from belvedere.domain.viewings import Ending, Viewing

_STREAMS = (
    ViewingOpened,
    ViewingEnded,
    ViewingProlonged,
    ViewingRelieved,
    StreamSuspended,
    SuspensionLifted,
    # How many streams a party may have is the text's word too, and what a viewing is for is the event's.
    TextReplaced,
    TermAnnounced,
    PartyLeft,
    EventAmended,
    EventClosed,
)
_EVENTS = (EventOpened, EventAmended, EventClosed, EventKept, SessionRelieved)
_STEERING = (
    LeaseAsked,
    LeaseGranted,
    LeaseContinued,
    LeaseProlonged,
    LeaseRelieved,
    LeaseEnded,
    AuthorisationGiven,
    AuthorisationRefused,
    AuthorisationWithdrawn,
    AuthorisationConfirmed,
    AuthorisationDenied,
    AuthorisationOver,
    CrewDeclared,
    DeputyNamed,
    DeputyEnded,
    CameraReturned,
    CameraStays,
    LookAsked,
    LookAnswered,
    # What steering is asked for is the event's word.
    EventAmended,
    EventClosed,
)
_CENTRE = (RoomDeclared, AuthorisationDeclared, HoursAnnounced, OrderConfirmed, TextReplaced, TermAnnounced, PartyLeft)
_STANDINGS = (
    HabilitationEnded,
    HabilitationRenewed,
    AccountChanged,
    StationEnded,
    SessionClosed,
    SessionRelieved,
)


class Screens(Protocol):
    """Tells the screens that something changed; never blocks, never fails."""

    def streams_changed(self) -> None:
        """The list of streams changed."""

    def events_changed(self) -> None:
        """The list of events changed."""

    def centre_changed(self) -> None:
        """The room opened or closed, or what was declared about it changed."""

    def steering_changed(self) -> None:
        """Somebody steers, asks to, or no longer; or the owner answered."""

    def standings_changed(self) -> None:
        """Some standing ended, or a session did: every screen that follows asks anew whether it may."""

    def session_opened(self) -> None:
        """What was read of standings before does not know the session that has just been opened."""

    def viewing_ended(self, viewing: Viewing, ending: Ending) -> None:
        """A viewing ended, and how."""


class ScreensFollower:
    """Tells the screens (implements `spine.ports.Follower`)."""

    def __init__(self, screens: Screens) -> None:
        self._screens = screens

    def follow(self, changes: Sequence[Change]) -> None:
        """Tell each list once, however many changes touch it."""
        for change in changes:
            if isinstance(change, ViewingEnded):
                self._screens.viewing_ended(change.viewing, change.ending)
        if any(isinstance(change, _STREAMS) for change in changes):
            self._screens.streams_changed()
        if any(isinstance(change, _EVENTS) for change in changes):
            self._screens.events_changed()
        if any(isinstance(change, _CENTRE) for change in changes):
            self._screens.centre_changed()
        if any(isinstance(change, _STEERING) for change in changes):
            self._screens.steering_changed()
        if any(isinstance(change, _STANDINGS) for change in changes):
            self._screens.standings_changed()
        elif any(isinstance(change, SessionOpened) for change in changes):
            self._screens.session_opened()
