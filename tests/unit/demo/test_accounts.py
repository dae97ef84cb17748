"""Who signs in at which node of the demo."""

from belvedere.demo.accounts import CITY, STATE, accounts_at, demo_accounts
from belvedere.domain.vocabulary import Role

ALL = demo_accounts(1)
KEEP_A_NODE = {Role.ADMIN, Role.TECHNICIAN, Role.INSPECTOR}


def test_each_party_has_who_keeps_and_inspects_its_node_and_they_sign_in_there_alone() -> None:
    for node in (CITY, STATE):
        keep = [each for each in accounts_at(node, ALL) if each.role in KEEP_A_NODE]
        assert {each.role for each in keep} == KEEP_A_NODE
        assert {each.party for each in keep} == {node}


def test_the_city_hosts_who_watches_for_the_state_and_one_service_has_no_other_node() -> None:
    at_city, at_state = ({each.login for each in accounts_at(node, ALL)} for node in (CITY, STATE))
    assert {"poste-4512", "poste-4513", "poste-4500"} <= at_city & at_state
    assert "poste-7020" in at_city - at_state


def test_no_two_accounts_share_a_login_or_a_station() -> None:
    assert len({each.login for each in ALL}) == len({each.station for each in ALL}) == len(ALL)
