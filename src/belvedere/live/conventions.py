"""A convention lives: its text is replaced when both parties signed it, its term ends when one of them said so.

Source: DESIGN §1, "Only clauses need both signatures"; FACTS A24, A25, B11.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from belvedere.domain.asker import Asker
from belvedere.domain.clock import Instant
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.vocabulary import Role
from belvedere.live.centre import NotForThisRole
from belvedere.live.in_force import TextInForce
from belvedere.live.model import ConventionText, TermTold
from belvedere.live.ports import LivePorts, LiveReading, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview
from belvedere.policy import Convention, ConventionError, read_convention
from belvedere.policy.lifecycle import Told


class TermWord(StrEnum):
    """What a party tells about the term."""

    NON_RENEWAL = "non-renewal"
    RENEWAL = "renewal"


class Signatures(Protocol):
    """Says which parties signed a text hash, by their pinned keys."""

    def missing(self, *, convention: str, sha256: str, note: str) -> list[str]:
        """Return the parties that have not signed this text of this convention with a pinned key; sorted."""


@dataclass(frozen=True, slots=True)
class NotSigned:
    """Some party has not signed this text."""

    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotReadable:
    """The text can't be put in force; `message` names file, line and article."""

    message: str


@dataclass(frozen=True, slots=True)
class OtherConvention:
    """The text is that of a convention that isn't in force here, or binds other parties."""


Replaced = Convention | NotSigned | NotReadable | OtherConvention | NotForThisRole


def told_of(reading: LiveReading, convention: str) -> Told:
    """Return what was told about a convention's term, as policy reads it."""
    said = reading.terms_told(convention)
    refusals = [each.on for each in said if each.kind == TermWord.NON_RENEWAL]
    return Told(
        non_renewal_on=min(refusals) if refusals else None,
        renewed_on=tuple(each.on for each in said if each.kind == TermWord.RENEWAL),
    )


def text_in_force(reading: LiveReading, installed: TextInForce) -> TextInForce:
    """Return the installed text, or the one that every party signed in its place since, with its term as told."""
    convention = installed.convention
    replaced = reading.convention_text(convention.id)
    markdown = installed.markdown if replaced is None else replaced.markdown
    return TextInForce(read_convention(markdown, path=convention.path, told=told_of(reading, convention.id)), markdown)


class ConventionDesk:
    """Replaces texts and keeps what is told about terms; every viewing is decided again under the new text."""

    def __init__(self, ports: LivePorts, review: ViewingReview, signatures: Signatures) -> None:
        self._ports = ports
        self._review = review
        self._signatures = signatures

    async def replace(self, asker: Asker, *, markdown: bytes, note: str) -> Replaced:
        """Put a text in force as one atomic swap, once every party has signed its hash; raises `NotRecorded`."""
        if not self._may(asker):
            return NotForThisRole()
        try:
            draft = read_convention(markdown)
            told = await self._ports.store.read(lambda reading: told_of(reading, draft.id))
            convention = read_convention(markdown, told=told)
        except ConventionError as error:
            return NotReadable(str(error))
        standing = self._ports.in_force.text(convention.id)
        if standing is None or _parties(standing.convention) != _parties(convention):
            return OtherConvention()
        missing = self._signatures.missing(convention=convention.id, sha256=convention.sha256, note=note)
        if missing:
            return NotSigned(tuple(missing))
        at = self._ports.clock.now()
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> None:
            tx.put_convention(ConventionText(convention.id, convention.sha256, markdown, note, at))
            tx.append(
                Record(
                    kind=RecordKind.CONVENTION,
                    at=at,
                    convention=reference(convention),
                    subject=subject_of(asker),
                    cause="replaced",
                    evidence=(note,),
                    detail={"before": standing.convention.sha256},
                )
            )
            ended.extend(self._review.review_in(tx, under=convention))

        await self._ports.store.transact(work, essential=True)
        await self._put_in_force(TextInForce(convention, markdown), ended)
        return convention

    async def tell(
        self, asker: Asker, *, convention: str, word: TermWord, on: date, act: str
    ) -> Convention | OtherConvention | NotForThisRole:
        """Keep a non-renewal or a renewal; it takes effect on its day; raises `NotRecorded`."""
        if not self._may(asker):
            return NotForThisRole()
        standing = self._ports.in_force.text(convention)
        if standing is None:
            return OtherConvention()
        before, markdown = standing.convention, standing.markdown
        at = self._ports.clock.now()
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> Convention:
            tx.put_term_told(TermTold(convention, word, on, act))
            changed = read_convention(markdown, path=before.path, told=told_of(tx, convention))
            tx.append(
                Record(
                    kind=RecordKind.CONVENTION,
                    at=at,
                    convention=reference(before),
                    subject=subject_of(asker),
                    cause=word,
                    detail={"on": on.isoformat(), "act": act, "ends_at": _iso(changed.ends_at)},
                )
            )
            ended.extend(self._review.review_in(tx, under=changed))
            return changed

        changed = await self._ports.store.transact(work, essential=True)
        await self._put_in_force(TextInForce(changed, markdown), ended)
        return changed

    async def _put_in_force(self, text: TextInForce, ended: list[Ended]) -> None:
        self._ports.in_force.replace(text)
        self._review.stop(ended)
        # What was granted under the former text between the commit and the swap is decided again too.
        await self._review.review()
        self._ports.announcer.centre_changed()

    def _may(self, asker: Asker) -> bool:
        return asker.party == self._ports.owner and asker.role is Role.POLICE_DIRECTOR


def _parties(convention: Convention) -> set[str]:
    return {party.id for party in convention.parties}


def _iso(at: Instant | None) -> str | None:
    return None if at is None else at.isoformat()
