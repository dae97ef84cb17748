"""The conventions that the settings name: loaded, signed by every party or said to be unsigned, put in force."""

from collections.abc import Mapping, Sequence

import structlog

from belvedere.domain.clock import Instant
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import PartyId
from belvedere.ledger.agreed_text import KEYS_FILE, SIGNATURES_FILE, PinnedKeys, read_keys, read_signatures
from belvedere.ledger.note import VerifierKey
from belvedere.live.conventions import put_installed
from belvedere.live.in_force import InForce, InstalledText, TextInForce
from belvedere.live.ports import LiveStore
from belvedere.policy import load_convention
from belvedere.settings import ConventionSection, Settings

log = structlog.get_logger(__name__)


def load_conventions(settings: Settings, *, owner: PartyId) -> tuple[Sequence[InstalledText], PinnedKeys]:
    """Return the installed conventions and the parties' pinned keys; raises `Unreadable` as `load_installed` does."""
    loaded = [load_installed(section, owner=owner) for section in settings.conventions]
    keys = {text.text.convention.id: pinned for text, pinned in loaded if pinned is not None}
    return [text for text, _ in loaded], PinnedKeys(keys)


def load_installed(
    section: ConventionSection, *, owner: PartyId
) -> tuple[InstalledText, Mapping[str, Sequence[VerifierKey]] | None]:
    """Return the convention in a folder and its parties' pinned keys, None where it is put in force unsigned.

    Raises `Unreadable` where it doesn't bind this party, or isn't signed by every party.
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
    missing = PinnedKeys({convention.id: keys}).missing(convention=convention.id, sha256=convention.sha256, note=note)
    if missing:
        raise Unreadable(
            f"convention `{convention.id}`, text {convention.sha256}: not signed by {', '.join(missing)}; "
            "have each party run `belvedere convention sign`"
        )
    return InstalledText(text, note), keys


async def put_in_force(
    installed: Sequence[InstalledText], pinned: PinnedKeys, *, owner: PartyId, store: LiveStore, at: Instant
) -> InForce:
    """Return the texts in force at a start: each installed one, or the newer one that the parties have since signed."""
    return InForce(owner, [await put_installed(store, pinned, each, at=at) for each in installed])
