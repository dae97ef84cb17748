"""A convention's text: the one that is installed, and its replacement by another that every party signed.

Source: DESIGN §1, "Only clauses need both signatures"; decision 0009.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

import anyio
import anyio.to_thread

from belvedere.domain.asker import Asker
from belvedere.domain.clock import Instant
from belvedere.domain.failures import NotRecorded, TooManyAtOnce, Unreadable
from belvedere.domain.record import Record, RecordKind
from belvedere.domain.recorded_acts import RecordedAct
from belvedere.domain.refused_act import ActRefused
from belvedere.live.direction import DIRECTING
from belvedere.live.in_force import InstalledText, TextInForce
from belvedere.live.model import ConventionText
from belvedere.live.ports import LivePorts, LiveReading, LiveStore, LiveTransaction
from belvedere.live.records import reference, subject_of
from belvedere.live.review import Ended, ViewingReview
from belvedere.live.swap_text import swap_text
from belvedere.live.terms import told_of
from belvedere.policy import Convention, ConventionError, read_convention
from belvedere.policy.changes import Change, changes
from belvedere.policy.examples import run_examples
from belvedere.policy.table import TableTooLarge

T = TypeVar("T")
WAITING_MAX = 8


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


@dataclass(frozen=True, slots=True)
class AlreadyReplaced:
    """This text was in force before, and replaced: one party could bring it back alone. A new one is signed instead."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Which answers a text would change."""

    before: Convention
    after: Convention
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The two texts tell more situations apart than a person reads."""


@dataclass(frozen=True, slots=True)
class ForeseenReplacement:
    """What a text would do in the place of the one in force: what it still lacks, and what would end at once."""

    convention: Convention
    standing: Convention
    missing: tuple[str, ...]
    already_replaced: bool
    ended: tuple[Ended, ...]


Replaced = Convention | NotSigned | NotReadable | OtherConvention | AlreadyReplaced | ActRefused


async def put_installed(
    store: LiveStore, signatures: Signatures, installed: InstalledText, *, at: Instant
) -> TextInForce:
    """Return the text in force: the installed one, or the one that every party signed in its place since.

    A text that is installed anew takes the place of the one kept, in the same way and with the same record. Raises
    `Unreadable` where the one kept is not what every party signed.
    """

    def find(reading: LiveReading) -> TextInForce:
        convention = installed.text.convention
        kept = reading.convention_text(convention.id)
        markdown = installed.text.markdown
        if kept is not None and convention.sha256 in reading.convention_texts_replaced(convention.id):
            _hold_to_its_signatures(kept, signatures, unsigned=installed.note == "")
            markdown = kept.markdown
        told = told_of(reading, convention.id)
        return TextInForce(read_convention(markdown, path=convention.path, told=told), markdown)

    def put(tx: LiveTransaction) -> TextInForce:
        found = find(tx)
        convention = found.convention
        kept = tx.convention_text(convention.id)
        if kept is None or kept.sha256 != convention.sha256:
            tx.put_convention(ConventionText(convention.id, convention.sha256, found.markdown, installed.note, at))
            tx.append(
                Record(
                    kind=RecordKind.CONVENTION,
                    at=at,
                    convention=reference(convention),
                    cause=RecordedAct.INSTALLED,
                    evidence=(installed.note,) if installed.note else (),
                    detail={"before": None if kept is None else kept.sha256},
                )
            )
        return found

    try:
        return await store.transact(put, essential=True)
    except NotRecorded:
        # The owner's own room goes on while nothing can be recorded; the next start writes it down.
        return await store.read(find)


def _hold_to_its_signatures(kept: ConventionText, signatures: Signatures, *, unsigned: bool) -> None:
    """Raise `Unreadable` unless the text kept in the database is, byte for byte, the one that every party signed."""
    whole = hashlib.sha256(kept.markdown).hexdigest() == kept.sha256
    missing = [] if unsigned else signatures.missing(convention=kept.id, sha256=kept.sha256, note=kept.signatures)
    if not whole or missing:
        raise Unreadable(
            f"the text of convention `{kept.id}` kept in the database is not the one of hash {kept.sha256} that every "
            f"party signed{': no signature of ' + ', '.join(missing) if missing else ''}; restore a backup"
        )


class ConventionDesk:
    """Replaces texts; every viewing is decided again under the new one."""

    def __init__(self, ports: LivePorts, review: ViewingReview, signatures: Signatures) -> None:
        self._ports = ports
        self._review = review
        self._signatures = signatures
        self._comparing = _Beside()
        self._reading = _Beside()

    async def foresee(self, *, markdown: bytes, note: str) -> ForeseenReplacement | NotReadable | OtherConvention:
        """Return what a text would do in the place of the one in force; nothing is written."""
        read = await self._read(markdown)
        if not isinstance(read, Convention):
            return read
        convention, standing = read, self._standing(read)

        def work(reading: LiveReading) -> ForeseenReplacement:
            return ForeseenReplacement(
                convention=convention,
                standing=standing,
                missing=tuple(self._missing(convention, note)),
                already_replaced=convention.sha256 in reading.convention_texts_replaced(convention.id),
                ended=tuple(self._review.would_end(reading, under=convention)),
            )

        return await self._ports.store.read(work)

    async def compare(self, *, markdown: bytes) -> Comparison | TooLarge | NotReadable | OtherConvention:
        """Return which answers a text would change. Takes seconds, beside the loop; one at a time."""
        read = await self._read(markdown)
        if not isinstance(read, Convention):
            return read
        standing = self._standing(read)
        try:
            found = await self._comparing.run(partial(changes, standing, read))
        except TableTooLarge:
            return TooLarge()
        return Comparison(standing, read, found)

    async def _read(self, markdown: bytes) -> Convention | NotReadable | OtherConvention:
        try:
            draft = await self._reading.run(partial(read_convention, markdown))
            told = await self._ports.store.read(lambda reading: told_of(reading, draft.id))
            convention = await self._reading.run(partial(read_convention, markdown, told=told))
            # One that cannot be asked would leave the convention without its page.
            await self._reading.run(partial(run_examples, convention))
        except ConventionError as error:
            return NotReadable(str(error))
        standing = self._ports.in_force.text(convention.id)
        if standing is None or _parties(standing.convention) != _parties(convention):
            return OtherConvention()
        return convention

    def _standing(self, convention: Convention) -> Convention:
        """Return the text in force of a convention that was read in its place."""
        standing = self._ports.in_force.text(convention.id)
        assert standing is not None
        return standing.convention

    def _missing(self, convention: Convention, note: str) -> list[str]:
        return self._signatures.missing(convention=convention.id, sha256=convention.sha256, note=note)

    async def replace(self, asker: Asker, *, markdown: bytes, note: str) -> Replaced:
        """Put a text in force as one atomic swap, once every party has signed its hash; raises `NotRecorded`."""
        read = await self._read(markdown)
        if not isinstance(read, Convention):
            return read
        convention, standing = read, self._standing(read)
        missing = self._missing(convention, note)
        if missing:
            return NotSigned(tuple(missing))
        at = self._ports.clock.now()
        ended: list[Ended] = []

        def work(tx: LiveTransaction) -> AlreadyReplaced | ActRefused | None:
            if (refused := self._ports.act_refused(tx, asker, DIRECTING)) is not None:
                return refused
            if convention.sha256 in tx.convention_texts_replaced(convention.id):
                return AlreadyReplaced()
            tx.put_convention(ConventionText(convention.id, convention.sha256, markdown, note, at))
            tx.append(
                Record(
                    kind=RecordKind.CONVENTION,
                    at=at,
                    convention=reference(convention),
                    subject=subject_of(asker),
                    cause=RecordedAct.REPLACED,
                    evidence=(note,),
                    detail={"before": standing.sha256},
                )
            )
            ended.extend(self._review.review_in(tx, under=convention))
            return None

        def follow(outcome: AlreadyReplaced | ActRefused | None) -> None:
            if outcome is None:
                swap_text(self._ports, self._review, TextInForce(convention, markdown), ended)

        outcome = await self._ports.store.transact(work, essential=True, on_late=follow)
        follow(outcome)
        await self._review.catch_up()
        return convention if outcome is None else outcome


class _Beside:
    """Works out one thing at a time beside the loop; of those who wait there is an end."""

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(1)
        self._asking = 0
        """Counted here: the limiter knows of a task only once it has yielded, and a crowd would pass it."""

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns; raises `TooManyAtOnce` rather than queue without bound."""
        if self._asking > WAITING_MAX:
            raise TooManyAtOnce(f"{WAITING_MAX} texts are already waiting to be read")
        self._asking += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._asking -= 1


def _parties(convention: Convention) -> set[str]:
    return {party.id for party in convention.parties}
