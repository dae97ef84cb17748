"""The keys that a convention pins, and what two persons of the node's party do about them: put keys in force, or leave."""

from typing import Annotated, assert_never

from fastapi import APIRouter, Path

from belvedere.acts.conventions import NotSigned
from belvedere.acts.joining import SecondPersonNeeded, Unfit, UnknownConvention, UnknownProposal
from belvedere.changes.joining import JointProposal
from belvedere.domain.causes import Cause
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.text import Language, Text
from belvedere.ledger.pinned_keys import ConventionKeys, KeptKeys
from belvedere.ledger.twelve_words import twelve_words
from belvedere.policy import Convention
from belvedere.web.asking import SignedIn, convention_of
from belvedere.web.ports import Direction
from belvedere.web.problems import Problem, act_refused, not_found
from belvedere.web.schemas import (
    KeysIn,
    KeysInForceOut,
    LeavingIn,
    PinnedKeysOut,
    ProposalOut,
    ProposedOut,
    TwelveWordsOut,
)

router = APIRouter(tags=["convention"])


def words_of(convention: Convention, keys: ConventionKeys | None) -> TwelveWordsOut | None:
    """Return the twelve words of a text and its keys; None for one that pins none."""
    if keys is None:
        return None
    said = {
        language: list(twelve_words(text_sha256=convention.sha256, keys_sha256=keys.sha256, language=language))
        for language in Language
    }
    return TwelveWordsOut(fr=said[Language.FR], en=said[Language.EN])


@router.get("/convention/keys")
async def keys(requester: SignedIn, ports: Direction) -> KeysInForceOut:
    """Return the keys that each convention of the node pins, and what waits for a second person (direction, administrator)."""
    del requester
    waiting = {each.convention: each for each in await ports.joining.pending()}
    return KeysInForceOut(
        items=[_pinned(each, ports.keys.of(each.id), waiting.get(each.id)) for each in ports.in_force.conventions]
    )


def _pinned(convention: Convention, found: ConventionKeys | None, waiting: JointProposal | None) -> PinnedKeysOut:
    nodes = [] if found is None else sorted(party for party in found.parties if found.node_of(party) is not None)
    return PinnedKeysOut(
        convention=convention.id,
        sha256=convention.sha256,
        keys_sha256=None if found is None else found.sha256,
        words=words_of(convention, found),
        nodes=nodes,
        proposed=None if waiting is None else _proposal(convention, waiting),
    )


def _proposal(convention: Convention, waiting: JointProposal) -> ProposalOut:
    proposed: KeptKeys | None = waiting.keys
    return ProposalOut(
        id=waiting.id,
        what="leaving" if proposed is None else "keys",
        by=waiting.by.agent,
        at=waiting.at,
        act=waiting.act or None,
        keys_sha256=None if proposed is None else proposed.keys.sha256,
        words=words_of(convention, None if proposed is None else proposed.keys),
    )


@router.post("/convention/keys", status_code=201)
async def propose_keys(body: KeysIn, requester: SignedIn, ports: Direction) -> ProposedOut:
    """Propose keys that every party signed; a second person confirms them (direction, administrator)."""
    outcome = await ports.joining.propose_keys(
        requester,
        convention=body.convention or convention_of(ports.in_force, requester).id,
        keys=body.keys.encode(),
        note=body.signatures,
        text_note=body.text_signatures,
    )
    if isinstance(outcome, JointProposal):
        return ProposedOut(id=outcome.id)
    raise _not_done(outcome)


@router.post("/convention/leaving", status_code=201)
async def propose_leaving(body: LeavingIn, requester: SignedIn, ports: Direction) -> ProposedOut:
    """Propose that the node's party leaves a convention; a second person confirms it (direction, administrator)."""
    convention = body.convention or convention_of(ports.in_force, requester).id
    outcome = await ports.joining.propose_leaving(requester, convention=convention, act=body.act)
    if isinstance(outcome, JointProposal):
        return ProposedOut(id=outcome.id)
    raise _not_done(outcome)


@router.post("/convention/proposals/{proposal}/confirmation", status_code=204)
async def confirm(proposal: Annotated[str, Path(max_length=100)], requester: SignedIn, ports: Direction) -> None:
    """Have done what another person proposed (direction, administrator)."""
    outcome = await ports.joining.confirm(requester, proposal)
    if not isinstance(outcome, JointProposal):
        raise _not_done(outcome)


def _not_done(
    outcome: UnknownConvention | UnknownProposal | NotSigned | Unfit | SecondPersonNeeded | ActRefused,
) -> Problem:
    match outcome:
        case ActRefused():
            return act_refused(outcome)
        case UnknownConvention() | UnknownProposal():
            return not_found()
        case NotSigned(parties):
            named = ", ".join(parties)
            return Problem(
                403,
                Cause.NOT_SIGNED,
                Text(f"Ces clés ne sont pas signées de : {named}.", f"These keys are not signed by: {named}."),
                remedy=Text(
                    "Se lire les douze mots, puis faire signer keys.json par chaque partie.",
                    "Read the twelve words to each other, then have each party sign keys.json.",
                ),
            )
        case Unfit(reason):
            return Problem(409, Cause.KEYS_UNFIT, reason)
        case SecondPersonNeeded(reason):
            return Problem(403, Cause.SECOND_PERSON, reason)
        case _:
            assert_never(outcome)
