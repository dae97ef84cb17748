"""What two persons of one party do together about a convention: put keys in force, or leave it. Source: reliability 6.

One proposes, another confirms, and at least one of the two directs: so no single person, and nobody who only keeps the
machine, lets another's node in or throws one out. Keys need the signature of every party besides; to leave needs the party's
own word alone. Both nodes do their part; each records what it did itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar

from belvedere.acts.conventions import NotSigned
from belvedere.changes import Change, JointActProposed, KeysInstalled, KeysReplaced, PartyLeft
from belvedere.changes.joining import JointProposal
from belvedere.changes.records import reference, subject_of
from belvedere.domain.clock import Clock, Instant
from belvedere.domain.convention_texts import LEFT, ConventionText, TermTold
from belvedere.domain.failures import NotRecorded, Unreadable
from belvedere.domain.ids import IdSource, PartyId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.standing import Needs
from belvedere.domain.text import Text
from belvedere.domain.vocabulary import Role
from belvedere.ledger.agreed_text import agreed_keys, agreed_text, not_signed_by
from belvedere.ledger.pinned_keys import (
    NODE_USES,
    ConventionKeys,
    KeptKeys,
    NodeKeys,
    UnfitKeys,
    brought_back,
    parse_keys,
    why_not_followed,
)
from belvedere.policy import Convention
from belvedere.rights.review import review
from belvedere.spine.after import After
from belvedere.spine.commit import Spine
from belvedere.spine.in_force import InForce
from belvedere.spine.snapshot import Snapshot
from belvedere.spine.step import Step

DIRECTORS = frozenset({Role.POLICE_DIRECTOR, Role.CIC_SUPERVISOR})
JOINING = Needs(owner=DIRECTORS | {Role.ADMIN})
"""Who proposes and who confirms, on the party's own node."""
PROPOSED_DAYS_MAX = 7
"""What nobody confirmed by then is proposed again."""


@dataclass(frozen=True, slots=True)
class UnknownConvention:
    """No convention of this id is in force here with keys: a draft that is put in force unsigned has none."""


@dataclass(frozen=True, slots=True)
class UnknownProposal:
    """Nothing waits under this id."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """It cannot be done; `reason` states the fact and the remedy."""

    reason: Text


@dataclass(frozen=True, slots=True)
class SecondPersonNeeded:
    """Whoever proposed does not confirm, and one of the two directs; `reason` says which it is."""

    reason: Text


@dataclass(frozen=True, slots=True)
class ProposeKeys:
    """The command: have these keys, which every party signed, take the place of those in force."""

    needs: ClassVar[Needs] = JOINING
    essential: ClassVar[bool] = False
    requester: Requester
    id: str
    convention: str
    keys: ConventionKeys
    note: str
    text_note: str | None
    own: NodeKeys
    """With which keys this node signs: ones that no longer counted would leave it unknown to everybody."""


@dataclass(frozen=True, slots=True)
class ProposeLeaving:
    """The command: this node's party leaves the convention, by an act (a letter, a deliberation)."""

    needs: ClassVar[Needs] = JOINING
    essential: ClassVar[bool] = False
    requester: Requester
    id: str
    convention: str
    act: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """The command: a second person confirms what another proposed."""

    needs: ClassVar[Needs] = JOINING
    essential: ClassVar[bool] = True
    requester: Requester
    id: str
    own: NodeKeys


Refused = UnknownConvention | NotSigned | Unfit
Proposed = JointProposal | Refused | ActRefused
Confirmed = JointProposal | Refused | UnknownProposal | SecondPersonNeeded | ActRefused


def propose_keys(snapshot: Snapshot, command: ProposeKeys, now: Instant) -> Step[JointProposal | Refused]:
    """Keep the keys for a second person, where they may take the place of those in force."""
    keys = KeptKeys(command.convention, command.keys, command.note, now)
    proposal = _proposal(command, now, keys=keys, text_note=command.text_note)
    found = _replacing(snapshot, proposal, command.own, now)
    return Step(proposal, (JointActProposed(proposal),)) if isinstance(found, _Replacing) else Step(found)


def propose_leaving(snapshot: Snapshot, command: ProposeLeaving, now: Instant) -> Step[JointProposal | Refused]:
    """Keep for a second person that the party leaves."""
    standing = _standing(snapshot, command.convention)
    if standing is None:
        return Step(UnknownConvention())
    if _is_left(snapshot, command.convention):
        return Step(Unfit(_LEFT_ALREADY))
    proposal = _proposal(command, now, act=command.act)
    return Step(proposal, (JointActProposed(proposal),))


def confirm(
    snapshot: Snapshot, command: Confirm, now: Instant
) -> Step[JointProposal | Refused | UnknownProposal | SecondPersonNeeded]:
    """Do what another person proposed; what is no longer granted ends with it."""
    proposal = next((each for each in snapshot.joint_proposals() if each.id == command.id), None)
    if proposal is None:
        return Step(UnknownProposal())
    alone = _why_alone(proposal, command.requester, now)
    if alone is not None:
        return Step(SecondPersonNeeded(alone))
    if proposal.keys is None:
        return _leave(snapshot, proposal, command.requester, now)
    found = _replacing(snapshot, proposal, command.own, now)
    if not isinstance(found, _Replacing):
        return Step(found)
    change = KeysReplaced(
        found.keys,
        found.before,
        found.text,
        reference(found.convention),
        _joined(found.keys.keys, found.before.keys),
        proposal,
        subject_of(command.requester),
        now,
    )
    return Step(proposal, (change,))


def _leave(
    snapshot: Snapshot, proposal: JointProposal, requester: Requester, now: Instant
) -> Step[JointProposal | Refused | UnknownProposal | SecondPersonNeeded]:
    standing = _standing(snapshot, proposal.convention)
    if standing is None:
        return Step(UnknownConvention())
    if _is_left(snapshot, proposal.convention):
        return Step(Unfit(_LEFT_ALREADY))
    today = now.astimezone(standing.zone).date()
    change: Change = PartyLeft(
        TermTold(proposal.convention, LEFT, today, proposal.act),
        snapshot.place.party,
        reference(standing),
        proposal,
        subject_of(requester),
        now,
    )
    return Step(proposal, (change, *review(After(snapshot, (change,)), now)))


def _why_alone(proposal: JointProposal, requester: Requester, now: Instant) -> Text | None:
    """Return why this agent cannot be the second person; None where it can."""
    if requester.agent == proposal.agent:
        return Text(
            "Qui a proposé ne confirme pas ; une autre personne de la même partie confirme.",
            "Whoever proposed does not confirm; another person of the same party does.",
        )
    if DIRECTORS.isdisjoint({requester.role, proposal.role}):
        return Text(
            "Deux administrateurs ne suffisent pas ; le directeur ou le superviseur propose ou confirme.",
            "Two administrators are not enough; the director or the supervisor proposes or confirms.",
        )
    if now - proposal.at > timedelta(days=PROPOSED_DAYS_MAX):
        return Text(
            f"Proposé il y a plus de {PROPOSED_DAYS_MAX} jours ; le proposer de nouveau.",
            f"Proposed more than {PROPOSED_DAYS_MAX} days ago; propose it again.",
        )
    return None


@dataclass(frozen=True, slots=True)
class _Replacing:
    """What putting proposed keys in force comes to; `text` is the text in force with its new signatures, if it needs any."""

    convention: Convention
    keys: KeptKeys
    before: KeptKeys
    text: ConventionText | None


def _replacing(snapshot: Snapshot, proposal: JointProposal, own: NodeKeys, now: Instant) -> _Replacing | Refused:
    """Return what the proposed keys replace, or why they do not: asked when proposed, and once more when confirmed."""
    assert proposal.keys is not None, "asked of keys alone"
    convention, keys = proposal.convention, proposal.keys.keys
    standing, before = _standing(snapshot, convention), snapshot.convention_keys(convention)
    text = snapshot.convention_text(convention)
    if standing is None or before is None or text is None:
        return UnknownConvention()
    reason = _why_unfit(snapshot, keys, before, own)
    if reason is not None:
        return Unfit(reason)
    signed = agreed_keys(convention, keys.sha256)
    missing = {party for by in (before.keys, keys) for party in not_signed_by(signed, note=proposal.keys.note, keys=by)}
    if missing:
        return NotSigned(tuple(sorted(missing)))
    kept = KeptKeys(convention, keys, proposal.keys.note, now)
    text_signed = agreed_text(convention, text.sha256)
    if not not_signed_by(text_signed, note=text.signatures, keys=keys):
        return _Replacing(standing, kept, before, None)
    if proposal.text_note is None or not_signed_by(text_signed, note=proposal.text_note, keys=keys):
        return Unfit(_TEXT_UNSIGNED)
    renewed = ConventionText(text.id, text.sha256, text.markdown, proposal.text_note, text.since)
    return _Replacing(standing, kept, before, renewed)


def _why_unfit(snapshot: Snapshot, keys: ConventionKeys, before: KeptKeys, own: NodeKeys) -> Text | None:
    if _is_left(snapshot, before.convention):
        return _LEFT_ALREADY
    if keys.sha256 == before.keys.sha256:
        return Text("Ces clés sont déjà en vigueur.", "These keys are in force already.")
    earlier = [each.keys for each in snapshot.convention_keys_replaced(before.convention)]
    if any(keys.sha256 == each.sha256 for each in earlier):
        return Text(
            "Ces clés ont été en vigueur, puis remplacées ; en faire signer de nouvelles.",
            "These keys were in force, then replaced; have new ones signed.",
        )
    return (
        why_not_followed(before.keys, keys)
        or brought_back(keys, before=before.keys, earlier=earlier)
        or _why_own_unknown(keys.node_of(snapshot.place.party), own)
    )


def _why_own_unknown(pinned: NodeKeys | None, own: NodeKeys) -> Text | None:
    if pinned is None:
        return None
    for use in NODE_USES:
        if own.of(use).current not in pinned.of(use).accepted:
            return Text(
                f"Ce nœud signe encore avec une autre clé ({use}) ; l'arrêter, `belvedere node use-next-keys`, redémarrer, "
                "puis proposer.",
                f"This node still signs with another key ({use}); stop it, `belvedere node use-next-keys`, start it, then "
                "propose.",
            )
    return None


def _proposal(
    command: ProposeKeys | ProposeLeaving,
    now: Instant,
    *,
    keys: KeptKeys | None = None,
    text_note: str | None = None,
    act: str = "",
) -> JointProposal:
    by = command.requester
    return JointProposal(
        command.id, command.convention, by.agent, by.role, subject_of(by), now, keys=keys, text_note=text_note, act=act
    )


def _joined(keys: ConventionKeys, before: ConventionKeys | None) -> tuple[PartyId, ...]:
    """Return the parties that have a node by these keys and had none before."""
    return tuple(
        PartyId(party)
        for party in sorted(keys.parties)
        if keys.node_of(party) is not None and (before is None or before.node_of(party) is None)
    )


def _standing(snapshot: Snapshot, convention: str) -> Convention | None:
    return next((each for each in snapshot.conventions() if each.id == convention), None)


def _is_left(snapshot: Snapshot, convention: str) -> bool:
    return any(each.kind == LEFT for each in snapshot.terms_told(convention))


_LEFT_ALREADY = Text(
    "Une partie s'est déjà retirée de cette convention ; en signer une nouvelle, sous un autre identifiant.",
    "A party has left this convention already; sign a new one, under another id.",
)
_TEXT_UNSIGNED = Text(
    "Le texte en vigueur n'est signé d'aucune clé qui compterait encore ; le faire signer de nouveau, et joindre "
    "signatures.note.",
    "The text in force is signed with no key that would still count; have it signed again, and send signatures.note along.",
)


def install_keys(snapshot: Snapshot, installed: KeptKeys, now: Instant) -> Step[KeptKeys]:
    """Put the keys beside an installed text in force, the first time; later hold to those that two persons put in force.

    Raises `Unreadable` where the ones kept do not follow from the installed ones by signatures: somebody wrote to the
    database, or installed another file than the parties agreed.
    """
    kept = snapshot.convention_keys(installed.convention)
    standing = _standing(snapshot, installed.convention)
    if kept is None:
        if standing is None:
            return Step(installed)
        joined = _joined(installed.keys, None)
        return Step(installed, (KeysInstalled(installed, reference(standing), joined, now),))
    chain = [*snapshot.convention_keys_replaced(installed.convention), kept]
    if not _follows(chain, installed):
        raise Unreadable(
            f"the keys of convention `{installed.convention}` kept in the database (hash {kept.keys.sha256}) and those in "
            f"keys.json (hash {installed.keys.sha256}) do not follow from each other by every party's signatures; put back "
            "the keys.json that was signed, or restore a backup"
        )
    return Step(kept)


async def put_installed_keys(spine: Spine, installed: KeptKeys, clock: Clock) -> KeptKeys:
    """Put the keys beside an installed text in force and return those that are; raises `Unreadable` as the step does."""

    def step(snapshot: Snapshot, now: Instant) -> Step[KeptKeys]:
        return install_keys(snapshot, installed, now)

    try:
        return await spine.commit(step, essential=True)
    except NotRecorded:
        # As with the text: the node goes on while nothing can be recorded, and the next start writes it down.
        return await spine.read(lambda snapshot: step(snapshot, clock.now()).answer)


def _follows(chain: Sequence[KeptKeys], installed: KeptKeys) -> bool:
    """Whether the newest of `chain` rests on the installed keys, which somebody put there by hand: each signed by those before.

    Installed ones that are newer wait to be proposed: then their own keys have to have signed the ones in force.
    """
    hashes = [each.keys.sha256 for each in chain]
    known = installed.keys.sha256
    links = [*chain[hashes.index(known) :]] if known in hashes else [installed, chain[-1]]
    return all(
        not not_signed_by(agreed_keys(installed.convention, later.keys.sha256), note=later.note, keys=before.keys)
        for before, later in pairwise(links)
    )


class JoiningDesk:
    """Takes what one person proposes, and has it done once another confirms."""

    def __init__(self, spine: Spine, in_force: InForce, ids: IdSource, *, own: NodeKeys) -> None:
        self._spine = spine
        self._in_force = in_force
        self._ids = ids
        self._own = own

    async def propose_keys(
        self, requester: Requester, *, convention: str, keys: bytes, note: str, text_note: str | None
    ) -> Proposed:
        """Propose keys in the place of those in force; raises `NotRecorded`."""
        text = self._in_force.text(convention)
        if text is None:
            return UnknownConvention()
        try:
            found = parse_keys(keys, parties=[party.id for party in text.convention.parties])
        except UnfitKeys as failure:
            return Unfit(failure.told)
        command = ProposeKeys(
            requester, self._ids.fresh("p"), convention, found, note, text_note=text_note, own=self._own
        )
        return await self._spine.act(propose_keys, command)

    async def propose_leaving(self, requester: Requester, *, convention: str, act: str) -> Proposed:
        """Propose that the node's party leaves; raises `NotRecorded`."""
        command = ProposeLeaving(requester, self._ids.fresh("p"), convention, act)
        return await self._spine.act(propose_leaving, command)

    async def confirm(self, requester: Requester, proposal: str) -> Confirmed:
        """Have done what another person proposed; raises `NotRecorded`."""
        return await self._spine.act(confirm, Confirm(requester, proposal, self._own))

    async def pending(self) -> Sequence[JointProposal]:
        """Return what waits for a second person."""
        return await self._spine.read(lambda snapshot: list(snapshot.joint_proposals()))
