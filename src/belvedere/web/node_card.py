"""Whose node this is, whom to call and what the parties are called: what a screen says before anybody has signed in."""

from fastapi import APIRouter

from belvedere.domain.text import Text
from belvedere.policy import Party
from belvedere.web.ports import Node
from belvedere.web.schemas import NodeOut, PartyNamesOut, ServiceNameOut, TextOut

router = APIRouter(tags=["session"])


@router.get("/node")
async def node(ports: Node) -> NodeOut:
    """Return whose node this is, and the names that its conventions give; asked without a session."""
    parties: dict[str, Party] = {}
    for convention in ports.in_force.conventions:
        for party in convention.parties:
            parties.setdefault(party.id, party)
    own = parties.get(ports.owner)
    return NodeOut(
        party=ports.owner,
        name=ports.owner if own is None else own.name,
        contact=ports.contact,
        zone=ports.zone.key,
        parties=[_names(party) for party in parties.values()],
    )


def _names(party: Party) -> PartyNamesOut:
    return PartyNamesOut(
        id=party.id,
        short=_both(party.short),
        called=_both(party.called),
        room=party.room,
        director=_both(party.director),
        services=[ServiceNameOut(id=each.id, name=each.name) for each in party.service_name],
    )


def _both(text: Text) -> TextOut:
    return TextOut(fr=text.fr, en=text.en)
