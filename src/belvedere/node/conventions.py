"""The conventions that the settings name: loaded, signed by every party or said to be unsigned, put in force."""

from collections.abc import Sequence

import structlog

from belvedere.domain.clock import Instant
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import PartyId
from belvedere.ledger.agreed_text import KEYS_FILE, SIGNATURES_FILE, PinnedKeys, read_keys, read_signatures
from belvedere.live.conventions import put_installed
from belvedere.live.in_force import InForce, InstalledText, TextInForce
from belvedere.live.ports import LiveStore
from belvedere.policy import load_convention
from belvedere.settings import Settings

log = structlog.get_logger(__name__)


def load_conventions(settings: Settings, *, owner: PartyId) -> tuple[Sequence[InstalledText], PinnedKeys]:
    """Return the installed conventions and the parties' pinned keys.

    Raises `Unreadable` where one doesn't bind this party, or isn't signed by every party.
    """
    texts, keys = [], {}
    for each in settings.conventions:
        convention = load_convention(each.directory)
        if convention.party(owner) is None:
            raise Unreadable(f"convention `{convention.id}` does not bind `{owner}`; take it out of node.toml")
        markdown = (each.directory / "convention.md").read_bytes()
        parties = [party.id for party in convention.parties]
        note = ""
        if each.unsigned:
            log.warning("convention_unsigned", convention=convention.id)
        else:
            keys[convention.id] = read_keys(each.directory / KEYS_FILE, parties)
            note = read_signatures(each.directory / SIGNATURES_FILE)
            missing = PinnedKeys(keys).missing(convention=convention.id, sha256=convention.sha256, note=note)
            if missing:
                raise Unreadable(
                    f"convention `{convention.id}`, text {convention.sha256}: not signed by {', '.join(missing)}; "
                    "have each party run `belvedere convention sign`"
                )
        texts.append(InstalledText(TextInForce(convention, markdown), note))
    return texts, PinnedKeys(keys)


async def put_in_force(
    installed: Sequence[InstalledText], pinned: PinnedKeys, *, owner: PartyId, store: LiveStore, at: Instant
) -> InForce:
    """Return the texts in force at a start: each installed one, or the newer one that the parties have since signed."""
    return InForce(owner, [await put_installed(store, pinned, each, at=at) for each in installed])
