"""Whose node this is and whom to call: what a screen says before anybody has signed in."""

from fastapi import APIRouter

from belvedere.web.ports import Node
from belvedere.web.schemas import NodeOut

router = APIRouter(tags=["session"])


@router.get("/node")
async def node(ports: Node) -> NodeOut:
    """Return whose node this is; asked without a session."""
    convention = ports.in_force.convention_for(ports.owner)
    party = None if convention is None else convention.party(ports.owner)
    return NodeOut(party=ports.owner, name=ports.owner if party is None else party.name, contact=ports.contact)
