"""A convention's text: the one that is installed, and its replacement by another that every party signed.

Source: code, What one party changes alone; decision 0009.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Protocol, TypeVar

import anyio
import anyio.to_thread

from belvedere.acts.direction import DIRECTING
from belvedere.changes import TextInstalled, TextReplaced, ViewingEnded
from belvedere.changes.records import subject_of
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.convention_texts import ConventionText
from belvedere.domain.failures import NotRecorded, TooManyAtOnce, Unreadable
from belvedere.domain.record import Subject
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.policy import Convention, ConventionError, read_convention
from belvedere.policy.changes import Change, changes
from belvedere.policy.examples import run_examples
from belvedere.policy.table import TableTooLarge
from belvedere.rights.review import endings_of, review
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.in_force import InForce, InstalledText, TextInForce
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step
from belvedere.spine.texts import told_of

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
    ended: tuple[ViewingEnded, ...]


Replaced = Convention | NotSigned | NotReadable | OtherConvention | AlreadyReplaced | ActRefused


@dataclass(frozen=True, slots=True)
class ReplaceText:
    """The command: put this text, read and signed by every party, in the place of the one with the hash `before`."""

    needs: ClassVar[Needs] = DIRECTING
    essential: ClassVar[bool] = True
    requester: Requester
    convention: Convention
    markdown: bytes
    note: str


def replace_text(
    snapshot: Snapshot, command: ReplaceText, now: Instant
) -> Step[Convention | AlreadyReplaced | OtherConvention]:
    """Put a text in force as one; every viewing is decided again under it."""
    convention = command.convention
    kept = snapshot.convention_text(convention.id)
    if kept is None:
        return Step(OtherConvention())
    if convention.sha256 in snapshot.convention_texts_replaced(convention.id):
        return Step(AlreadyReplaced())
    change = TextReplaced(_kept_text(command, now), kept.sha256, subject_of(command.requester), now)
    after = After(snapshot, (change,))
    return Step(_standing(after, convention.id) or convention, (change, *review(after, now)))


def _kept_text(command: ReplaceText, now: Instant) -> ConventionText:
    convention = command.convention
    return ConventionText(convention.id, convention.sha256, command.markdown, command.note, now)


def _standing(snapshot: Snapshot, convention: str) -> Convention | None:
    return next((each for each in snapshot.conventions() if each.id == convention), None)


def install_text(
    snapshot: Snapshot, installed: InstalledText, now: Instant, *, signatures: Signatures
) -> Step[TextInForce]:
    """Put the installed text in force, or hold to the one that every party signed in its place since.

    A text that is installed anew takes the place of the one kept, in the same way and with the same record. Raises
    `Unreadable` where the one kept is not what every party signed.
    """
    convention, markdown = installed.text.convention, installed.text.markdown
    kept = snapshot.convention_text(convention.id)
    if kept is not None and convention.sha256 in snapshot.convention_texts_replaced(convention.id):
        _hold_to_its_signatures(kept, signatures, unsigned=installed.note == "")
        markdown = kept.markdown
    told = told_of(snapshot.terms_told(convention.id))
    read = read_convention(markdown, path=convention.path, told=told)
    found = TextInForce(snapshot.place.texts.keep(read, told), markdown)
    if kept is not None and kept.sha256 == read.sha256:
        return Step(found)
    text = ConventionText(read.id, read.sha256, markdown, installed.note, now)
    return Step(found, (TextInstalled(text, None if kept is None else kept.sha256, now),))


async def put_installed(spine: Spine, signatures: Signatures, installed: InstalledText, *, clock: Clock) -> TextInForce:
    """Put the installed text in force and return what is."""

    def step(snapshot: Snapshot, now: Instant) -> Step[TextInForce]:
        return install_text(snapshot, installed, now, signatures=signatures)

    try:
        return await spine.commit(step, essential=True)
    except NotRecorded:
        # The owner's own room goes on while nothing can be recorded; the next start writes it down.
        def hold(snapshot: Snapshot) -> TextInForce:
            found = step(snapshot, clock.now()).answer
            kept = snapshot.convention_text(found.convention.id)
            snapshot.place.texts.hold_unrecorded(found.convention, before=None if kept is None else kept.sha256)
            return found

        return await spine.read(hold)


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

    def __init__(self, spine: Spine, signatures: Signatures, in_force: InForce, clock: Clock) -> None:
        self._spine = spine
        self._signatures = signatures
        self._in_force = in_force
        self._clock = clock
        self._comparing = _Beside()
        self._reading = _Beside()

    async def foresee(self, *, markdown: bytes, note: str) -> ForeseenReplacement | NotReadable | OtherConvention:
        """Return what a text would do in the place of the one in force; nothing is written."""
        read = await self._read(markdown)
        if not isinstance(read, Convention):
            return read
        convention = read

        def work(snapshot: Snapshot) -> ForeseenReplacement | OtherConvention:
            kept, standing = snapshot.convention_text(convention.id), _standing(snapshot, convention.id)
            if kept is None or standing is None:
                return OtherConvention()
            now = self._clock.now()
            text = ConventionText(convention.id, convention.sha256, markdown, note, now)
            change = TextReplaced(text, kept.sha256, Subject(snapshot.place.party, None, None, None), now)
            return ForeseenReplacement(
                convention=convention,
                standing=standing,
                missing=tuple(self._missing(convention, note)),
                already_replaced=convention.sha256 in snapshot.convention_texts_replaced(convention.id),
                ended=tuple(endings_of(review(After(snapshot, (change,)), now))),
            )

        return await self._spine.read(work)

    async def compare(self, *, markdown: bytes) -> Comparison | TooLarge | NotReadable | OtherConvention:
        """Return which answers a text would change. Takes seconds, beside the loop; one at a time."""
        read = await self._read(markdown)
        if not isinstance(read, Convention):
            return read
        standing = self._in_force.text(read.id)
        if standing is None:
            return OtherConvention()
        try:
            found = await self._comparing.run(partial(changes, standing.convention, read))
        except TableTooLarge:
            return TooLarge()
        return Comparison(standing.convention, read, found)

    async def _read(self, markdown: bytes) -> Convention | NotReadable | OtherConvention:
        """Return the convention that a text is, compiled beforehand: reading it takes long."""
        try:
            draft = await self._reading.run(partial(read_convention, markdown))
            told = await self._spine.read(lambda snapshot: told_of(snapshot.terms_told(draft.id)))
            convention = await self._reading.run(partial(read_convention, markdown, told=told))
            # One that cannot be asked would leave the convention without its page.
            await self._reading.run(partial(run_examples, convention))
        except ConventionError as error:
            return NotReadable(str(error))
        standing = self._in_force.text(convention.id)
        if standing is None or _parties(standing.convention) != _parties(convention):
            return OtherConvention()
        return await self._spine.read(lambda snapshot: snapshot.place.texts.keep(convention, told))

    def _missing(self, convention: Convention, note: str) -> list[str]:
        return self._signatures.missing(convention=convention.id, sha256=convention.sha256, note=note)

    async def replace(self, requester: Requester, *, markdown: bytes, note: str) -> Replaced:
        """Put a text in force as one atomic swap, once every party has signed its hash; raises `NotRecorded`."""
        read = await self._read(markdown)
        if not isinstance(read, Convention):
            return read
        missing = self._missing(read, note)
        if missing:
            return NotSigned(tuple(missing))
        return await self._spine.act(replace_text, ReplaceText(requester, read, markdown, note))


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
