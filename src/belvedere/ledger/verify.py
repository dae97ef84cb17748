"""The offline verifier: an exported file, the keys one trusts, and nothing else. Source: ledger-format 9.

Owns what makes a file good and which line makes it bad. Does not know any database or node.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from belvedere.domain.text import Text
from belvedere.ledger.canonical import salt_fits
from belvedere.ledger.checkpoint import Checkpoint
from belvedere.ledger.damage import find_changed_line
from belvedere.ledger.export import FORMAT, LedgerHeader
from belvedere.ledger.note import BadNote, SignedNote, VerifierKey
from belvedere.ledger.reading import BadLedger, Line, bad, entry_of, read_lines
from belvedere.ledger.record_shape import record_fault
from belvedere.ledger.tree import EMPTY_ROOT, Frontier

__all__ = ["BadLedger", "OpenFile", "VerifiedLedger", "verify_ledger"]

OpenFile = Callable[[], BinaryIO]
"""Opens the file anew, at its start; the verifier closes it."""


@dataclass(frozen=True, slots=True)
class VerifiedLedger:
    """What a good file holds, and who signed it."""

    header: LedgerHeader
    size: int
    erased: int
    root: bytes
    signed_by: tuple[str, ...]
    vouches_for_itself: bool
    """True where no key was given: the header's own key was used, which proves no origin."""
    root_then: bytes | None = None
    """The root over as many entries as a kept head states; None where there are not so many, or none was asked."""


@dataclass(slots=True)
class _Reading:
    """What is known once all entries have been read."""

    frontier: Frontier
    entries: list[bytes]
    unfit: list[int]
    fitting: int
    erased: list[int]
    epoch: int
    backwards: BadLedger | None
    """An epoch lower than the one before it: told only if the tree is right, else the other line is the changed one."""
    size_then: int | None
    root_then: bytes | None = None

    def add(self, entry: bytes) -> None:
        """Add the next entry."""
        self.entries.append(entry)
        self.frontier = self.frontier.appended(entry)
        if self.frontier.size == self.size_then:
            self.root_then = self.frontier.root()


def verify_ledger(
    open_file: OpenFile,
    *,
    vkeys: Sequence[VerifierKey] = (),
    size_then: int | None = None,
    search_candidates_max: int = 500_000,
) -> VerifiedLedger:
    """Return what the file holds if every byte of it is as the keys signed; raise `BadLedger` otherwise.

    `vkeys` are the node's, then its witnesses'; each must have signed. Where the tree is not the signed one,
    the bad line is found by the records' salts, then by trying up to `search_candidates_max` other bytes. `size_then`
    asks for the root over the first so many entries.
    """
    with open_file() as file:
        lines = read_lines(file)
        header, key = _read_header(lines, vkeys)
        reading = _Reading(Frontier(), [], [], 0, [], 0, None, size_then, EMPTY_ROOT if size_then == 0 else None)
        last: Line | None = None
        for line in lines:
            if "checkpoint" in line.content:
                last = line
                break
            _read_entry(line, header, reading)
        if last is None:
            bad(
                reading.frontier.size + 2,
                "le fichier s'arrête sans point de contrôle signé",
                "the file ends without a signed checkpoint",
            )
        for line in lines:
            bad(line.number, "il y a une ligne après le point de contrôle", "there is a line after the checkpoint")
    keys = tuple(vkeys) or (key,)
    checkpoint = _read_checkpoint(last, keys)
    _compare(checkpoint, header, reading, last)
    if checkpoint.root != reading.frontier.root():
        with open_file() as file:
            _name_the_change(checkpoint, reading, last, file, search_candidates_max)
    if reading.backwards is not None:
        raise reading.backwards
    return VerifiedLedger(
        header=header,
        size=checkpoint.size,
        erased=len(reading.erased),
        root=checkpoint.root,
        signed_by=tuple(k.name for k in keys),
        vouches_for_itself=not vkeys,
        root_then=reading.root_then,
    )


def _read_header(lines: Iterator[Line], vkeys: Sequence[VerifierKey]) -> tuple[LedgerHeader, VerifierKey]:
    content = next(lines).content
    node, origin, vkey = (content.get(name) for name in ("node", "origin", "vkey"))
    version = content.get("belvedere-ledger")
    if (
        content.keys() != {"belvedere-ledger", "node", "origin", "vkey"}
        or version != FORMAT
        or isinstance(version, bool)
        or not (isinstance(node, str) and isinstance(origin, str) and isinstance(vkey, str))
    ):
        bad(1, "l'en-tête n'est pas celui d'un journal au format 1", "the header is not that of a ledger of format 1")
    if not node or not origin.endswith(node):
        bad(
            1,
            f"l'origine `{origin}` ne finit pas par le nom du nœud `{node}`",
            f"the origin `{origin}` does not end in the node's name `{node}`",
        )
    try:
        key = VerifierKey.parse(vkey)
    except BadNote as failure:
        bad(1, f"clé illisible ({failure})", str(failure))
    if vkeys and vkey != str(vkeys[0]):
        bad(1, f"la clé de l'en-tête n'est pas {vkeys[0]}", f"the header's key is not {vkeys[0]}")
    return LedgerHeader(node, origin, vkey), key


def _read_entry(line: Line, header: LedgerHeader, reading: _Reading) -> None:
    expected = reading.frontier.size
    try:
        entry = entry_of(line.content)
    except ValueError as failure:
        bad(line.number, f"`{failure}` n'est pas ce qu'il doit être", f"`{failure}` is not what it must be", expected)
    if entry.index != expected:
        bad(
            line.number,
            f"l'enregistrement {entry.index} est à la place du {expected}",
            f"record {entry.index} stands where {expected} must",
            expected,
        )
    if entry.record is None or entry.salt is None:
        reading.erased.append(expected)
    else:
        _check_record(line, header, reading)
        if salt_fits(entry.record, entry.salt):
            reading.fitting += 1
        else:
            reading.unfit.append(expected)
    reading.add(entry.entry)


def _check_record(line: Line, header: LedgerHeader, reading: _Reading) -> None:
    index = reading.frontier.size
    record = line.content["record"]
    fault = record_fault(record)
    if fault is not None or not isinstance(record, dict):
        bad(
            line.number,
            f"l'enregistrement n'est pas au format 1 (membre `{fault}`)",
            f"the record is not of format 1 (member `{fault}`)",
            index,
        )
    if record["node"] != header.node:
        bad(line.number, "l'enregistrement est d'un autre nœud", "the record is another node's", index)
    epoch = record["epoch"]
    assert isinstance(epoch, int)
    if epoch < reading.epoch and reading.backwards is None:
        reading.backwards = BadLedger(
            line.number,
            Text(
                fr=f"l'époque {epoch} vient après la {reading.epoch}",
                en=f"epoch {epoch} comes after {reading.epoch}",
            ),
            index=index,
        )
    reading.epoch = epoch


def _read_checkpoint(line: Line, keys: Sequence[VerifierKey]) -> Checkpoint:
    note_text = line.content["checkpoint"]
    if line.content.keys() != {"checkpoint"} or not isinstance(note_text, str):
        bad(line.number, "ce n'est pas un point de contrôle", "it is not a checkpoint")
    try:
        note = SignedNote.parse(note_text)
        checkpoint = Checkpoint.parse(note.text)
    except BadNote as failure:
        bad(line.number, f"point de contrôle illisible ({failure})", f"the checkpoint cannot be read: {failure}")
    for key in keys:
        if not note.signed_by(key):
            bad(
                line.number,
                f"`{key.name}` n'a pas signé ce point de contrôle (clé {key.key_id.hex()})",
                f"`{key.name}` did not sign this checkpoint (key {key.key_id.hex()})",
            )
    return checkpoint


def _compare(checkpoint: Checkpoint, header: LedgerHeader, reading: _Reading, last: Line) -> None:
    """Raise `BadLedger` unless the file has the origin and the size of the (validly signed) checkpoint."""
    if checkpoint.origin != header.origin:
        bad(
            1,
            f"l'origine n'est pas celle qui est signée (`{checkpoint.origin}`)",
            f"the origin is not the signed one (`{checkpoint.origin}`)",
        )
    if checkpoint.size != reading.frontier.size:
        bad(
            last.number,
            f"{checkpoint.size} enregistrements sont signés, le fichier en a {reading.frontier.size}",
            f"{checkpoint.size} records are signed, the file has {reading.frontier.size}",
        )


def _name_the_change(checkpoint: Checkpoint, reading: _Reading, last: Line, file: BinaryIO, tries_max: int) -> NoReturn:
    """Raise `BadLedger` for entries that are not those of the signed tree, at the changed line if it can be told."""
    if reading.fitting and reading.unfit:
        _changed(reading.unfit[0])
    suspects = reading.erased if reading.fitting else list(range(reading.frontier.size))
    changed = find_changed_line(
        file, reading.entries, root=checkpoint.root, suspects=suspects, candidates_max=tries_max
    )
    if changed is not None:
        _changed(changed)
    bad(
        last.number,
        "les enregistrements ne forment pas l'arbre signé : l'un au moins a été changé, ajouté ou ôté",
        "the records do not make the signed tree: at least one was changed, added or removed",
    )


def _changed(index: int) -> NoReturn:
    bad(
        index + 2,
        "l'enregistrement n'est pas celui qui a été inscrit",
        "the record is not the one that was entered",
        index,
    )
