"""What live writes into the ledger, and how repeated answers are kept from filling it."""

from dataclasses import dataclass, field

from belvedere.domain.asker import Asker
from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Refused
from belvedere.domain.record import ConventionRef, EventRef, Record, RecordKind, Subject
from belvedere.domain.request import DecisionRequest
from belvedere.live.model import Ending, Event, Viewing
from belvedere.policy import Convention, verdict_of

COALESCE_S = 60.0
"""The same request with the same answer is written once a minute."""
COALESCED_MAX = 4096


def reference(convention: Convention) -> ConventionRef:
    """Return the convention as a record names it."""
    return ConventionRef(id=convention.id, sha256=convention.sha256)


def subject_of(asker: Asker) -> Subject:
    """Return the record's subject; the pseudonym stands for the agent, the owner's own included."""
    return Subject(
        party=asker.party,
        service=asker.service,
        agent=asker.pseudonym,
        station=asker.station,
    )


def event_ref(event: Event | None) -> EventRef | None:
    """Return the event as a record names it."""
    return None if event is None else EventRef(id=event.id, kind=event.kind)


def decision_record(
    *,
    asker: Asker,
    convention: Convention,
    request: DecisionRequest,
    event: Event | None,
    decision: Decision,
    viewing: str | None = None,
) -> Record:
    """Return the record of one decision, with exactly the facts that it read."""
    return Record(
        kind=RecordKind.DECISION,
        at=request.at,
        convention=reference(convention),
        action=str(request.action),
        subject=subject_of(asker),
        camera=request.camera.id,
        event=event_ref(event),
        purpose=request.purpose,
        verdict=verdict_of(decision),
        articles=decision.articles,
        valid_until=decision.valid_until,
        facts=decision.facts,
        cause=decision.cause if isinstance(decision, Refused) else None,
        viewing=viewing,
    )


def viewing_subject(viewing: Viewing) -> Subject:
    """Return the subject of a running viewing's records."""
    return Subject(
        party=viewing.party,
        service=viewing.service,
        agent=viewing.pseudonym,
        station=viewing.station,
    )


def opened_record(viewing: Viewing, *, convention: Convention, event: Event | None) -> Record:
    """Return the record that a viewing begins."""
    return Record(
        kind=RecordKind.OPENED,
        at=viewing.since,
        convention=reference(convention),
        action="view",
        subject=viewing_subject(viewing),
        camera=viewing.camera,
        event=event_ref(event),
        purpose=viewing.purpose,
        articles=viewing.articles,
        valid_until=viewing.valid_until,
        viewing=viewing.id,
    )


def ended_record(
    viewing: Viewing,
    *,
    at: Instant,
    convention: Convention | None,
    event: Event | None,
    ending: Ending,
    decision: Refused | None = None,
) -> Record:
    """Return the record that a viewing ends, with its cause and, where a rule ended it, the facts read."""
    return Record(
        kind=RecordKind.ENDED,
        at=at,
        convention=None if convention is None else reference(convention),
        action="view",
        subject=viewing_subject(viewing),
        camera=viewing.camera,
        event=event_ref(event),
        purpose=viewing.purpose,
        articles=ending.articles,
        facts={} if decision is None else decision.facts,
        cause=ending.cause,
        viewing=viewing.id,
    )


@dataclass
class Repeats:
    """Remembers what was written within the last minute, bounded, so that a flood can't fill the ledger.

    Owned by the use case that appends; asked on the writer's thread, told on any.
    """

    _seen: dict[tuple[str, ...], float] = field(default_factory=dict)

    def is_repeat(self, record: Record, *, asker: Asker, now_monotonic_s: float) -> bool:
        """Return whether the same answer was written less than a minute ago; else remember it as written."""
        key = _same_answer(record, asker)
        written_s = self._seen.get(key)
        if written_s is not None and now_monotonic_s - written_s < COALESCE_S:
            return True
        if len(self._seen) >= COALESCED_MAX:
            self._seen.pop(next(iter(self._seen)))
        self._seen.pop(key, None)
        self._seen[key] = now_monotonic_s
        return False

    def forget(self, record: Record, *, asker: Asker) -> None:
        """Take back that `record` was written: it did not become durable, so the next like it is no repeat."""
        self._seen.pop(_same_answer(record, asker), None)


def _same_answer(record: Record, asker: Asker) -> tuple[str, ...]:
    return (
        asker.party,
        f"{asker.agent}@{asker.station}",
        f"{record.action}:{record.camera}",
        "" if record.event is None else record.event.id,
        record.purpose or "",
        f"{record.verdict}:{record.cause}",
    )
