"""What is told of who steers, and where a crew is engaged, as far as a party may see it. Reliability 27."""

from belvedere.changes import AuthorisationDeclared, CrewDeclared
from belvedere.domain.authorisations import CrewEngaged
from belvedere.domain.centre import CentreState
from belvedere.domain.ids import PartyId, Pseudonym
from belvedere.rights.sight import Sight
from belvedere.rights.steered import steered
from tests.unit.acts.in_memory import InMemory
from tests.unit.changes.small_city import AT, CITY, REF, STATE, camera, subject

CHIEF = subject("csu-chief")
CREW = CrewDeclared(CrewEngaged(camera(3), AT, Pseudonym("p-csu-chief")), True, CHIEF, AT, REF)
WITHDRAWN = AuthorisationDeclared(
    CentreState(authorisation_withdrawn=True), "arrêté", subject("police-director"), AT, REF
)


def crews_told(node: InMemory, reader: PartyId) -> list[str]:
    return list(steered(node.snapshot, Sight(reader, CITY), AT).crews)


def test_of_crews_a_partner_hears_at_the_cameras_that_its_convention_covers_and_at_no_other() -> None:
    node = InMemory(CREW)
    assert crews_told(node, CITY) == crews_told(node, STATE) == [camera(3)]
    assert crews_told(node, PartyId("lille")) == [], "no text speaks of it"
    node.make(WITHDRAWN)
    assert (crews_told(node, CITY), crews_told(node, STATE)) == ([camera(3)], [])
