"""What a convention calls its parties, their services and the roles held there: no name stands in code."""

from collections.abc import Iterable, Mapping

from belvedere.domain.articles_of_speech import bare, of, to
from belvedere.domain.text import Language, Text
from belvedere.domain.vocabulary import Role
from belvedere.policy.convention import Convention, Party

SERVICE_OF: Mapping[Role, str] = {
    Role.CSU_OPERATOR: "csu",
    Role.CSU_ROOM_CHIEF: "csu",
    Role.CIC_OPERATOR: "cic",
    Role.CIC_SUPERVISOR: "cic",
    Role.OTHER_STATE_OPERATOR: "cic",
    Role.PCRT_OPERATOR: "pcrt",
}
"""In which room a role is held; `police-director` heads any owner's room, whatever the title."""


def role_in_words(role: Role, party: Party) -> Text:
    """Return a role as `party`'s people hold it: « opérateur du CSU »."""
    return {
        Role.CSU_OPERATOR: _operator(party),
        Role.CSU_ROOM_CHIEF: Text("chef de salle", "room chief"),
        Role.POLICE_DIRECTOR: Text(bare(party.director.fr), bare(party.director.en)),
        Role.CIC_OPERATOR: _operator(party),
        Role.CIC_SUPERVISOR: Text(f"superviseur du {party.room}", f"{party.room} supervisor"),
        Role.OTHER_STATE_OPERATOR: Text(
            f"opérateur d'un autre service {of(party.called.fr)}", f"operator of another service of {party.called.en}"
        ),
        Role.PCRT_OPERATOR: _operator(party),
        Role.TECHNICIAN: Text("technicien", "technician"),
        Role.INSPECTOR: Text("inspecteur", "inspector"),
        Role.ADMIN: Text("administrateur", "administrator"),
    }[role]


def _operator(party: Party) -> Text:
    return Text(f"opérateur du {party.room}", f"{party.room} operator")


def asked_of(roles: Iterable[Role], party: Party) -> Text:
    """Return `party`'s roles as those one turns to: « au chef de salle »."""
    found = [_asked_of(role, party) for role in roles]
    return Text(" ou ".join(each.fr for each in found), " or ".join(each.en for each in found))


def _asked_of(role: Role, party: Party) -> Text:
    words = role_in_words(role, party)
    if role is Role.POLICE_DIRECTOR:
        return Text(to(party.director.fr), party.director.en)
    if role in {Role.CSU_ROOM_CHIEF, Role.CIC_SUPERVISOR}:
        return Text(f"au {words.fr}", f"the {words.en}")
    return Text(f"à un {words.fr}", f"an {words.en}" if words.en[0] in "aeio" else f"a {words.en}")


def names_of(convention: Convention, language: Language) -> dict[str, str]:
    """Return what a page calls the parties, their services and the roles held there, by their ids."""
    names: dict[str, str] = {}
    for role in Role:
        holder = _holder(role, convention)
        if holder is not None:
            names[role.value] = role_in_words(role, holder).in_language(language)
    for party in convention.parties:
        names |= {service: party.service(service) for service in party.services}
    return names | {party.id: party.name for party in convention.parties}


def _holder(role: Role, convention: Convention) -> Party | None:
    """Return the party whose people hold a role: the one that has the role's room; a director is an owner's."""
    if role is Role.POLICE_DIRECTOR:
        return convention.party(convention.owners[0]) if convention.owners else None
    service = SERVICE_OF.get(role)
    return next((each for each in convention.parties if service in each.services), None)
