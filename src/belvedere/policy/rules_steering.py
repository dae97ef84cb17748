"""Clauses on steering, turned into rules: the owner first, then active or closed, then the regime in force."""

from dataclasses import dataclass

from belvedere.domain.clock import Instant
from belvedere.domain.decision import ObligationKind
from belvedere.domain.ids import ArticleRef
from belvedere.domain.request import AuthorisationFacts, HoursOverride, LeaseFacts, OwnerIsSteering
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import EventKind
from belvedere.policy.clauses.hours import Activity, CentreActivity
from belvedere.policy.clauses.steering import LeaseContinuation, Notice, PtzTakeover, Regime
from belvedere.policy.hearing import Finding, Hearing, Hold, Objection, Rule
from belvedere.policy.openings import Opening, OpeningCalendar

_NO_HAND = frozenset({OwnerIsSteering.NO, OwnerIsSteering.UNKNOWN})


def camera_turns(refusal: Objection) -> Rule:
    """Return the rule that only a camera that turns can be steered."""

    def rule(hearing: Hearing) -> Finding:
        return None if hearing.can_turn() else refusal

    return rule


def owner_first(refusal: Objection) -> Rule:
    """Return the rule that nobody steers against the owner's hand.

    A hand that is not known refuses nothing; what is none of yes, no and unknown counts as one (api, A request to decide).
    """

    def rule(hearing: Hearing) -> Finding:
        return None if hearing.owner_is_steering() in _NO_HAND else refusal

    return rule


@dataclass(frozen=True, slots=True)
class Room:
    """The owner's room: its openings, and what *active* reads."""

    calendar: OpeningCalendar
    activity: CentreActivity | None

    def opening(self, hearing: Hearing) -> tuple[Opening | None, HoursOverride | None]:
        """Return the opening during which the room is active now, or None; and the hours as varied.

        Notes the next instant at which this may turn: the closing, or the next opening.
        """
        at = hearing.now()
        override = hearing.hours_override() if self.calendar.may_be_varied(at) else None
        inactive = self.activity is not None and self.activity.reads is Activity.DECLARED and hearing.centre_inactive()
        running = self.calendar.opening_at(at, override)
        opening = None if inactive else running
        if opening is not None:
            hearing.turns_at(opening.closes)
            return opening, override
        coming = self.calendar.next_opening(at, override)
        if coming is not None:
            hearing.turns_at(coming.opens)
            # Other hours of the coming day begin to count with that day, once the eve's opening is over.
            begins = self.calendar.first_instant_of_day(coming.opens)
            if begins > at and self.calendar.may_be_varied(begins):
                hearing.turns_at(begins if running is None else max(begins, running.closes))
        return None, override


@dataclass(frozen=True, slots=True)
class ActiveTerms:
    """What the regime of the active room objects, made beforehand."""

    clause: PtzTakeover
    wrong_kind: Objection
    event_over: Objection
    asked: Hold
    not_notified: Objection
    articles: tuple[ArticleRef, ...]
    remarks: Text
    continuation: LeaseContinuation | None
    continuation_articles: tuple[ArticleRef, ...]
    continuation_remarks: Text | None


@dataclass(frozen=True, slots=True)
class ClosedTerms:
    """What steering outside the room's activity is granted by, and the notice that it makes due."""

    articles: tuple[ArticleRef, ...]
    remarks: Text
    notice: Notice | None


def takeover(room: Room, active: ActiveTerms | None, closed: ClosedTerms | None, silent: Objection) -> Rule:
    """Return the rule on takeovers: one regime while the room is active, another while it is not."""

    def rule(hearing: Hearing) -> Finding:
        opening, override = room.opening(hearing)
        if opening is None:
            if closed is None:
                return silent
            hearing.articles = closed.articles
            hearing.remarks = closed.remarks
            if closed.notice is not None:
                hearing.owe(ObligationKind.NOTICE_AFTER, notice_due(room.calendar, hearing.at, override))
            return None
        if active is None:
            return silent
        if active.continuation is not None and active.continuation.goes_on:
            lease = hearing.lease()
            if lease is not None and _granted_while_closed(lease, hearing):
                hearing.articles = active.continuation_articles
                hearing.remarks = active.continuation_remarks
                due = max(opening.opens, lease.held_since or opening.opens)
                hearing.owe(ObligationKind.NOTIFICATION, due)
                if closed is not None and closed.notice is not None:
                    hearing.owe(ObligationKind.NOTICE_AFTER, due)
                return None
        hearing.articles = active.articles
        hearing.remarks = active.remarks
        return _AUTHORITY[active.clause.regime](active, hearing)

    return rule


def notice_due(calendar: OpeningCalendar, at: Instant, override: HoursOverride | None) -> Instant | None:
    """Return when a notice about a use at `at` is due: the room's next opening (a reading of rules A13)."""
    coming = calendar.next_opening(at, override)
    return None if coming is None else coming.opens


def use_owes_notice(room: Room) -> Rule:
    """Return the rule that a viewing outside the room's activity owes a notice too (the deliberation's words)."""

    def rule(hearing: Hearing) -> Finding:
        opening, override = room.opening(hearing)
        if opening is None:
            hearing.owe(ObligationKind.NOTICE_AFTER, notice_due(room.calendar, hearing.at, override))
        return None

    return rule


def _granted_while_closed(lease: LeaseFacts, hearing: Hearing) -> bool:
    return lease.granted_while == "closed" and lease.held_since is not None and hearing.reached(lease.held_since)


def _by_authorisation(terms: ActiveTerms, hearing: Hearing) -> Finding:
    kinds = terms.clause.event_kinds
    if kinds and hearing.event_kind() not in kinds:
        return terms.wrong_kind
    if kinds and not hearing.event_open():
        return terms.event_over
    authorisation = hearing.authorisation()
    return None if authorisation is not None and _stands(authorisation, terms.clause, hearing) else terms.asked


def _stands(authorisation: AuthorisationFacts, clause: PtzTakeover, hearing: Hearing) -> bool:
    if authorisation.by_role not in {str(role) for role in clause.authorised_by} or authorisation.until is None:
        return False
    return not hearing.reached(authorisation.until)


def _by_notification(terms: ActiveTerms, hearing: Hearing) -> Finding:
    return None if hearing.notified() else terms.not_notified


_AUTHORITY = {
    Regime.AUTHORISATION: _by_authorisation,
    Regime.NOTIFICATION: _by_notification,
}


def kinds_in_words(kinds: tuple[EventKind, ...]) -> Text:
    """Return kinds of event as people say them."""
    return Text(" ou ".join(_KINDS[kind].fr for kind in kinds), " or ".join(_KINDS[kind].en for kind in kinds))


_KINDS = {
    EventKind.LEVEE_DE_DOUTE: Text("une levée de doute", "the removal of a doubt"),
    EventKind.INTERVENTION: Text("une intervention", "an intervention"),
    EventKind.EVENEMENT_PLANIFIE: Text("un événement planifié", "a planned event"),
    EventKind.TROUBLE_GRAVE: Text("un trouble grave à l'ordre public", "serious public-order trouble"),
    EventKind.RECHERCHE_PERSONNE: Text("la recherche d'une personne", "the search for a person"),
    EventKind.SURVEILLANCE_PONCTUELLE: Text("une surveillance ponctuelle", "a one-off surveillance"),
}
