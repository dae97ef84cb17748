"""Two persons of one party put keys in force, or leave; what every party did not sign, or one person did alone, is refused."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from belvedere.acts.conventions import NotSigned
from belvedere.acts.joining import (
    PROPOSED_DAYS_MAX,
    Confirm,
    ProposeKeys,
    ProposeLeaving,
    SecondPersonNeeded,
    Unfit,
    UnknownConvention,
    UnknownProposal,
    confirm,
    install_keys,
    propose_keys,
    propose_leaving,
)
from belvedere.acts.terms import ImpossibleDay, TellTerm, tell_term
from belvedere.changes import AccountOpened, KeysInstalled, KeysReplaced, PartyLeft, SessionOpened, StationEnrolled
from belvedere.changes.joining import JointProposal
from belvedere.domain.causes import Cause
from belvedere.domain.convention_texts import TermTold, TermWord
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import AgentId, Pseudonym, StationId
from belvedere.domain.refused_act import ActRefused
from belvedere.domain.requester import Requester
from belvedere.domain.vocabulary import Role
from belvedere.ledger.pinned_keys import KeptKeys, NodeKeys
from belvedere.spine.snapshot import Snapshot
from tests.unit.acts.every_act import ends_of
from tests.unit.changes.agreed_keys import (
    ANNOUNCED,
    BOTH,
    FIRST,
    JOINED,
    TAKEN,
    kept,
    keys,
    keys_note,
    node,
    proposal,
    text_note,
)
from tests.unit.changes.small_city import AT, CITY, CONVENTION, REF, STATE, TODAY, account, requester, session, station
from tests.unit.changes.small_city import subject as subject_of
from tests.unit.spine.small_node import SmallNode

pytestmark = pytest.mark.anyio
DIRECTOR, OWN = requester("police-director"), node(CITY)


@pytest.fixture
async def city(node: SmallNode) -> SmallNode:
    """The small city, in which the keys of both parties are in force, and neither has a node yet."""
    await node.make(KeysInstalled(FIRST, REF, (), AT))
    return node


async def administrator(city: SmallNode, name: str = "admin") -> Requester:
    """Have one more person of the city signed in, who keeps the machine."""
    known = account("csu-second")
    who = replace(known, agent=AgentId(f"a-{name}"), login=name, role=Role.ADMIN, pseudonym=Pseudonym(f"p-{name}"))
    at = replace(station("csu-second"), id=StationId(f"poste-{name}"), secret_sha256=name.encode().ljust(32))
    opened = replace(
        session("csu-second", 1), cookie_sha256=name.encode().ljust(32, b"."), agent=who.agent, station=at.id
    )
    await city.make(
        AccountOpened(replace(who, habilitation=None), AT), StationEnrolled(at, None, AT), SessionOpened(opened, CITY)
    )
    return replace(
        requester("csu-second", 1),
        agent=who.agent,
        pseudonym=who.pseudonym,
        role=Role.ADMIN,
        station=at.id,
        session_sha256=opened.cookie_sha256,
    )


async def replaced(city: SmallNode, *chain: KeptKeys) -> None:
    """Have keys take each other's place, the first of them being in force."""
    for before, after in pairwise(chain):
        text = await city.spine.read(lambda now: now.convention_text(CONVENTION))
        assert text is not None
        renewed = replace(text, signatures=text_note())
        await city.make(KeysReplaced(after, before, renewed, REF, (), proposal(after), subject_of("srpj"), AT))


async def proposed(
    city: SmallNode,
    found: KeptKeys,
    *,
    note: str | None = None,
    text: str | None = text_note(),
    by: Requester = DIRECTOR,
    own: NodeKeys = OWN,
    convention: str = CONVENTION,
) -> object:
    command = ProposeKeys(by, "p-1", convention, found.keys, found.note if note is None else note, text, own)
    return await city.spine.act(propose_keys, command)


async def left(city: SmallNode, by: Requester = DIRECTOR) -> object:
    return await city.spine.act(propose_leaving, ProposeLeaving(by, "p-1", CONVENTION, "délibération 12"))


async def confirmed(city: SmallNode, by: Requester, *, own: NodeKeys = OWN) -> object:
    return await city.spine.act(confirm, Confirm(by, "p-1", own))


async def in_force(city: SmallNode) -> str | None:
    """Return the hash of the keys in force."""
    found = await city.spine.read(lambda now: now.convention_keys(CONVENTION))
    return None if found is None else found.keys.sha256


# Joining.


async def test_two_persons_put_keys_in_force_by_which_both_parties_have_a_node_and_the_record_names_both(
    city: SmallNode,
) -> None:
    admin = await administrator(city)
    before = len(await city.records())
    assert isinstance(await proposed(city, JOINED, by=admin), JointProposal)
    assert (await in_force(city), len(await city.records())) == (FIRST.keys.sha256, before), (
        "nothing follows from it yet"
    )
    assert isinstance(await confirmed(city, DIRECTOR), JointProposal)
    assert await in_force(city) == JOINED.keys.sha256
    (record,) = (await city.records())[before:]
    assert (record["kind"], record["cause"], record["evidence"]) == ("convention", "joined", [JOINED.note])
    assert record["subject"]["agent"] == "p-police-director"
    assert record["detail"]["proposed_by"] == "p-admin"
    assert record["detail"]["joined"] == [STATE, CITY]
    assert isinstance(await confirmed(city, DIRECTOR), UnknownProposal), "once"


async def test_whoever_proposed_does_not_confirm_and_two_administrators_are_not_enough(city: SmallNode) -> None:
    admin, other = await administrator(city), await administrator(city, "admin-2")
    await proposed(city, JOINED, by=admin)
    for who in (admin, other):
        assert isinstance(await confirmed(city, who), SecondPersonNeeded)
    await proposed(city, JOINED, by=DIRECTOR)
    assert isinstance(await confirmed(city, DIRECTOR), SecondPersonNeeded)
    assert await in_force(city) == FIRST.keys.sha256
    assert isinstance(await confirmed(city, other), JointProposal)


@pytest.mark.parametrize("login", ["csu-operator", "cic-supervisor", "cic-operator"])
async def test_only_who_directs_or_administers_the_nodes_own_party_proposes_and_confirms(
    city: SmallNode, login: str
) -> None:
    who = requester(login)
    assert await proposed(city, JOINED, by=who) == ActRefused(Cause.ROLE)
    assert await left(city, who) == ActRefused(Cause.ROLE)
    await proposed(city, JOINED)
    assert await confirmed(city, who) == ActRefused(Cause.ROLE)


async def test_a_proposal_lapses_after_a_week_and_gives_way_to_a_newer_one(city: SmallNode) -> None:
    admin = await administrator(city)
    await proposed(city, JOINED, by=admin)
    city.clock.move(timedelta(days=PROPOSED_DAYS_MAX, seconds=1))
    found = await city.spine.read(lambda now: confirm(now, Confirm(DIRECTOR, "p-1", OWN), city.clock.now()).answer)
    assert isinstance(found, SecondPersonNeeded)
    assert "propose it again" in found.reason.en
    city.clock.move(-timedelta(days=PROPOSED_DAYS_MAX, seconds=1))
    await city.spine.act(
        propose_keys, ProposeKeys(admin, "p-2", CONVENTION, JOINED.keys, JOINED.note, text_note(), OWN)
    )
    assert isinstance(await confirmed(city, DIRECTOR), UnknownProposal)


# What every party signed.


@pytest.mark.parametrize(
    ("note", "missing"),
    [
        (keys_note(JOINED.keys, by=[CITY]), (STATE,)),
        (keys_note(JOINED.keys, by=[STATE]), (CITY,)),
        (keys_note(FIRST.keys), (STATE, CITY)),
        (text_note(), (STATE, CITY)),
        (keys_note(JOINED.keys, city=2), (CITY,)),
        ("noise", (STATE, CITY)),
    ],
    ids=["the city alone", "the State alone", "other keys", "the text", "an unknown key", "noise"],
)
async def test_changed_keys_that_not_every_party_signed_are_refused_and_who_did_not_is_named(
    city: SmallNode, note: str, missing: Collection[str]
) -> None:
    assert await proposed(city, JOINED, note=note) == NotSigned(tuple(sorted(missing)))
    assert await city.spine.read(lambda now: list(now.joint_proposals())) == []


async def test_keys_that_name_their_own_signers_are_refused_by_those_in_force(city: SmallNode) -> None:
    """Whoever has one party's node could else write a file that both `sign`, with keys of its own making."""
    forged = kept(keys(agreement=(2,)), city=2)
    found = await proposed(city, forged)
    assert isinstance(found, Unfit)
    assert "neither the current nor the next" in found.reason.en


async def test_of_a_convention_without_keys_none_are_proposed(node: SmallNode) -> None:
    assert isinstance(await proposed(node, JOINED), UnknownConvention)
    await node.make(KeysInstalled(FIRST, REF, (), AT))
    assert isinstance(await proposed(node, JOINED, convention="other"), UnknownConvention)


# Rotation.


async def test_a_key_is_announced_then_taken_and_the_retired_one_does_not_come_back(city: SmallNode) -> None:
    admin = await administrator(city)
    await replaced(city, FIRST, JOINED)

    async def follows(found: KeptKeys, own: NodeKeys) -> object:
        step = await proposed(city, found, text=None, own=own)
        return await confirmed(city, admin, own=own) if isinstance(step, JointProposal) else step

    early = await follows(TAKEN, OWN)
    assert isinstance(early, Unfit)
    assert "neither the current nor the next" in early.reason.en
    assert isinstance(await follows(ANNOUNCED, OWN), JointProposal)
    unready = await follows(TAKEN, OWN)
    assert isinstance(unready, Unfit)
    assert "use-next-keys" in unready.reason.en
    taken = node(CITY, {"log": (2,), "tls": (2,)})
    assert isinstance(await follows(TAKEN, taken), JointProposal)
    back = await follows(kept(keys(numbers={"log": (2, 1), "tls": (2,)})), taken)
    assert isinstance(back, Unfit)
    assert "a retired key does not come back" in back.reason.en
    again = await follows(JOINED, taken)
    assert isinstance(again, Unfit)
    assert "then replaced" in again.reason.en
    assert isinstance(await follows(TAKEN, taken), Unfit), "in force already"
    causes = [record["cause"] for record in await city.records(kind="convention")]
    assert causes[-2:] == ["keys-replaced", "keys-replaced"]


async def test_the_key_that_signs_is_followed_once_the_text_is_signed_with_the_new_one_too(city: SmallNode) -> None:
    admin = await administrator(city)
    await replaced(city, FIRST, JOINED)
    await proposed(city, kept(keys(agreement=(1, 2))), text=None)
    await confirmed(city, admin)
    new = kept(keys(agreement=(2,)), city=2)
    unsigned = await proposed(city, new, text=None)
    assert isinstance(unsigned, Unfit)
    assert "signatures.note" in unsigned.reason.en
    assert isinstance(await proposed(city, new, text=text_note(city=1)), Unfit)
    assert isinstance(await proposed(city, new, text=text_note(city=2)), JointProposal)
    assert isinstance(await confirmed(city, admin), JointProposal)
    text = await city.spine.read(lambda now: now.convention_text(CONVENTION))
    assert text is not None
    assert text.signatures == text_note(city=2)
    assert (await proposed(city, kept(keys(agreement=(2, 3)), city=1), text=None)) == NotSigned((CITY,)), (
        "it is retired"
    )


# Leaving.


async def test_two_persons_have_their_party_leave_and_its_agents_rights_end(city: SmallNode) -> None:
    admin = await administrator(city)
    assert isinstance(await left(city), JointProposal)
    assert isinstance(await confirmed(city, DIRECTOR), SecondPersonNeeded)
    city.follower.told.clear()
    assert isinstance(await confirmed(city, admin), JointProposal)
    (told,) = city.follower.told
    assert isinstance(told[0], PartyLeft)
    assert ends_of(told).keys() == {"v-1", "v-2", "v-3"}, "the own room's viewing goes on"
    assert set(ends_of(told).values()) == {"not-in-force"}
    (record,) = [each for each in await city.records(kind="convention") if each["cause"] == "left"]
    assert (record["detail"]["party"], record["detail"]["act"]) == (CITY, "délibération 12")
    assert (record["subject"]["agent"], record["detail"]["proposed_by"]) == ("p-admin", "p-police-director")
    for again in (await left(city), await proposed(city, JOINED)):
        assert isinstance(again, Unfit)
        assert "under another id" in again.reason.en


async def test_one_person_does_not_take_back_by_a_correction_that_a_party_left(city: SmallNode) -> None:
    admin = await administrator(city)
    await left(city)
    await confirmed(city, admin)
    correction = TellTerm(DIRECTOR, TermTold(CONVENTION, TermWord.CORRECTION, TODAY, "erreur"))
    assert isinstance(await city.spine.act(tell_term, correction), ImpossibleDay)
    await city.spine.act(tell_term, TellTerm(DIRECTOR, TermTold(CONVENTION, TermWord.NON_RENEWAL, TODAY, "lettre")))
    await city.spine.act(tell_term, correction)
    (convention,) = await city.spine.read(lambda now: now.conventions())
    assert convention.ends_at is not None
    assert convention.ends_at <= AT


# At the start.


def _installed(installed: KeptKeys, now: Snapshot) -> KeptKeys:
    return install_keys(now, installed, AT).answer


async def test_the_first_keys_are_put_in_force_at_the_start_and_later_those_that_two_persons_confirmed(
    node: SmallNode,
) -> None:
    assert await node.spine.commit(lambda now, at: install_keys(now, JOINED, at)) == JOINED
    assert [each["cause"] for each in await node.records(kind="convention")][-1] == "joined"
    await replaced(node, JOINED, ANNOUNCED)
    before = len(await node.records())
    for installed in (JOINED, ANNOUNCED):
        found = await node.spine.read(partial(_installed, installed))
        assert found.keys == ANNOUNCED.keys, "what was confirmed stands, whatever file was left in the folder"
    waiting = await node.spine.read(lambda now: install_keys(now, TAKEN, AT).answer)
    assert waiting.keys == ANNOUNCED.keys, "newer ones wait for two persons"
    assert len(await node.records()) == before


async def test_keys_that_somebody_wrote_into_the_database_are_found_out_at_the_start(node: SmallNode) -> None:
    written = replace(ANNOUNCED, note=keys_note(ANNOUNCED.keys, by=[CITY]))
    await node.make(KeysInstalled(JOINED, REF, BOTH, AT))
    await replaced(node, JOINED, written)
    for installed in (JOINED, TAKEN):
        with pytest.raises(Unreadable, match="do not follow from each other"):
            await node.spine.read(partial(_installed, installed))
