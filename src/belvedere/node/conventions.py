"""The conventions that the settings name: loaded, signed by every party or said to be unsigned, put in force."""

from collections.abc import Sequence
from functools import partial

import structlog

from belvedere.acts.conventions import put_installed
from belvedere.acts.joining import put_installed_keys
from belvedere.domain.clock import Clock
from belvedere.domain.convention_texts import LEFT, ConventionText, TermTold
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import PartyId
from belvedere.ledger.agreed_text import (
    KEYS_FILE,
    KEYS_SIGNATURES_FILE,
    SIGNATURES_FILE,
    agreed_keys,
    agreed_text,
    not_signed_by,
    read_signatures,
)
from belvedere.ledger.pinned_keys import ConventionKeys, KeptKeys, read_keys
from belvedere.policy import load_convention
from belvedere.policy.own_room import first_that_differs
from belvedere.settings import ConventionSection, Settings
from belvedere.spine.commit import Spine
from belvedere.spine.in_force import InForce, InstalledText, KeysInForce, TextInForce
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.texts import CompiledTexts

log = structlog.get_logger(__name__)


def load_conventions(settings: Settings, *, owner: PartyId) -> tuple[Sequence[InstalledText], KeysInForce]:
    """Return the installed conventions and the keys that they pin.

    Raises `Unreadable` as `load_installed` does, and where two texts answer the own room differently: it decides under
    the first one.
    """
    loaded = [load_installed(section, owner=owner) for section in settings.conventions]
    conventions = [text.text.convention for text, _ in loaded]
    other = first_that_differs(conventions, owner)
    if other is not None:
        raise Unreadable(
            f"conventions `{conventions[0].id}` and `{other.id}` say different things of the own room of `{owner}` (who "
            "may do what there, or its hours); have the parties agree on one, and sign it"
        )
    keys = {text.text.convention.id: pinned for text, pinned in loaded if pinned is not None}
    return [text for text, _ in loaded], KeysInForce(keys)


def load_installed(section: ConventionSection, *, owner: PartyId) -> tuple[InstalledText, ConventionKeys | None]:
    """Return the convention in a folder and the keys that it pins, None where it is put in force unsigned.

    Raises `Unreadable` where it doesn't bind this party, or its text or its keys aren't signed by every party.
    """
    convention = load_convention(section.directory)
    if convention.party(owner) is None:
        raise Unreadable(f"convention `{convention.id}` does not bind `{owner}`; take it out of node.toml")
    text = TextInForce(convention, (section.directory / "convention.md").read_bytes())
    if section.unsigned:
        log.warning("convention_unsigned", convention=convention.id)
        return InstalledText(text, note=""), None
    keys = read_keys(section.directory / KEYS_FILE, [party.id for party in convention.parties])
    note = read_signatures(section.directory / SIGNATURES_FILE)
    missing = not_signed_by(agreed_text(convention.id, convention.sha256), note=note, keys=keys)
    if missing:
        raise Unreadable(
            f"convention `{convention.id}`, text {convention.sha256}: not signed by {', '.join(missing)}; "
            "have each party run `belvedere convention sign`"
        )
    return InstalledText(text, note, keys, _keys_note(section, convention.id, keys)), keys


def _keys_note(section: ConventionSection, convention: str, keys: ConventionKeys) -> str:
    """Return the note in which every party signed the keys; raises `Unreadable` where one did not.

    One party alone could put a key of its own in the place of another's node.
    """
    note = read_signatures(section.directory / KEYS_SIGNATURES_FILE)
    missing = not_signed_by(agreed_keys(convention, keys.sha256), note=note, keys=keys)
    if missing:
        raise Unreadable(
            f"{section.directory / KEYS_FILE} (hash {keys.sha256}): not signed by {', '.join(missing)}; it was changed "
            "after they signed it, or never signed: read the twelve words to each other (`belvedere convention words`), "
            "then have each party run `belvedere convention sign`"
        )
    return note


def compiled_texts(installed: Sequence[InstalledText]) -> CompiledTexts:
    """Return where the conventions of the settings are compiled, each once."""
    return CompiledTexts({each.text.convention.id: each.text.convention.path for each in installed})


async def put_in_force(
    installed: Sequence[InstalledText], pinned: KeysInForce, in_force: InForce, *, spine: Spine, clock: Clock
) -> None:
    """Put each installed text in force, or the newer one that the parties have signed since; show what is."""
    for each in installed:
        found = await put_installed(spine, pinned, each, clock=clock)
        convention = found.convention
        said = await spine.read(partial(_terms_told, convention=convention.id))
        text = ConventionText(convention.id, convention.sha256, found.markdown, each.note, clock.now())
        in_force.show(text, said)
        await _put_keys_in_force(each, pinned, spine=spine, clock=clock)
        if any(term.kind == LEFT for term in said):
            pinned.drop(convention.id)


async def _put_keys_in_force(installed: InstalledText, pinned: KeysInForce, *, spine: Spine, clock: Clock) -> None:
    """Have the keys accepted that are in force: the installed ones, or those that two persons put in their place since."""
    if installed.keys is None:
        return
    convention = installed.text.convention.id
    found = await put_installed_keys(
        spine, KeptKeys(convention, installed.keys, installed.keys_note, clock.now()), clock
    )
    pinned.show(convention, found.keys)
    if found.keys.sha256 != installed.keys.sha256:
        log.warning("keys_not_in_force", convention=convention, installed=installed.keys.sha256, kept=found.keys.sha256)


def _terms_told(snapshot: Snapshot, *, convention: str) -> Sequence[TermTold]:
    return snapshot.terms_told(convention)
