"""The demo's agents and stations; their passwords follow from the seed and exist nowhere else."""

import base64
import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from belvedere.agents.password_rules import weakness_of_pin
from belvedere.domain.vocabulary import Role

CITY = "villeneuve-dascq"
STATE = "etat"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account with the station at which it signs in."""

    login: str
    password: str
    pin: str
    label: str
    party: str
    service: str
    role: Role
    station: str
    station_label: str
    station_secret: str


_AGENTS = (
    ("csu-1", "Opérateur 1", CITY, "csu", Role.CSU_OPERATOR, "csu-poste-1", "CSU · poste 1"),
    ("csu-2", "Opérateur 2", CITY, "csu", Role.CSU_OPERATOR, "csu-poste-2", "CSU · poste 2"),
    ("csu-chef", "Chef de salle", CITY, "csu", Role.CSU_ROOM_CHIEF, "csu-chef", "CSU · chef de salle"),
    ("direction", "Direction", CITY, "csu", Role.POLICE_DIRECTOR, "pm-direction", "Police municipale"),
    ("admin", "Administration", CITY, "dsi", Role.ADMIN, "dsi", "DSI · administration"),
    ("technique", "Technique", CITY, "dsi", Role.TECHNICIAN, "dsi-2", "DSI · exploitation"),
    ("inspection", "Inspection", CITY, "inspection", Role.INSPECTOR, "inspection", "Inspection"),
    ("poste-4512", "agent 4512", STATE, "cic", Role.CIC_OPERATOR, "cic-mur-1", "CIC · mur 1"),
    ("poste-4513", "agent 4513", STATE, "cic", Role.CIC_OPERATOR, "cic-mur-2", "CIC · mur 2"),
    ("poste-4500", "agent 4500", STATE, "cic", Role.CIC_SUPERVISOR, "cic-sup", "CIC · superviseur"),
    ("poste-4590", "agent 4590", STATE, "sic", Role.ADMIN, "sic-1", "SIC · administration"),
    ("poste-4591", "agent 4591", STATE, "sic", Role.TECHNICIAN, "sic-2", "SIC · exploitation"),
    ("poste-4595", "agent 4595", STATE, "inspection", Role.INSPECTOR, "etat-inspection", "Inspection de l'État"),
    ("poste-7020", "agent 7020", STATE, "srpj", Role.OTHER_STATE_OPERATOR, "srpj-1", "SRPJ · poste 1"),
)
"""The State's agents have a number, never a name; those that the city's node hosts have nothing else."""
_KEEP_THE_NODE = frozenset({Role.ADMIN, Role.TECHNICIAN, Role.INSPECTOR})
"""Who keeps or inspects a node signs in at that of the own party alone."""
HOSTED_ALONE = frozenset({"srpj"})
"""The services whose accounts stand on the city's node alone although their party has a node of its own."""


def _secret(seed: int, what: str, length: int) -> str:
    digest = hashlib.sha256(f"belvedere demo {seed} {what}".encode()).digest()
    return base64.b32encode(digest).decode().lower()[:length]


def _pin(seed: int, login: str) -> str:
    """Return the first PIN of the seed's that the rules for PINs let pass."""
    for attempt in itertools.count():
        again = "" if attempt == 0 else f" {attempt}"
        digest = hashlib.sha256(f"belvedere demo {seed} pin {login}{again}".encode()).digest()
        pin = f"{int.from_bytes(digest[:8]) % 1_000_000:06}"
        if weakness_of_pin(pin) is None:
            return pin
    raise AssertionError("unreachable")


def demo_accounts(seed: int) -> list[DemoAccount]:
    """Return the demo's accounts, the same for the same seed."""
    return [
        DemoAccount(
            login=login,
            password=_secret(seed, "password " + login, 16),
            pin=_pin(seed, login),
            label=label,
            party=party,
            service=service,
            role=role,
            station=station,
            station_label=station_label,
            station_secret=_secret(seed, "station " + station, 24),
        )
        for login, label, party, service, role, station, station_label in _AGENTS
    ]


def accounts_at(node: str, accounts: Sequence[DemoAccount]) -> list[DemoAccount]:
    """Return the accounts of a party's node.

    The city's hosts all who watch: cameras are not steered across nodes yet, so the State's agents steer from there.
    """
    if node == CITY:
        return [account for account in accounts if account.party == CITY or account.role not in _KEEP_THE_NODE]
    return [account for account in accounts if account.party == node and account.service not in HOSTED_ALONE]
