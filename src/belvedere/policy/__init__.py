"""Pure policy: a convention's literate file becomes typed clauses, and clauses answer requests.

Owns: clauses, the calendar of openings, `decide`, the decision table, comparison, the page. Does not know: the clock,
the network, the store, the screens. Only `loading` reads a file.
"""

from belvedere.policy.answers import decision_json, verdict_of
from belvedere.policy.convention import Convention, Party
from belvedere.policy.deciding import decide
from belvedere.policy.failures import BadRequest, ConventionError
from belvedere.policy.loading import load_convention, read_convention
from belvedere.policy.requests import parse_request, request_from_facts

__all__ = [
    "BadRequest",
    "Convention",
    "ConventionError",
    "Party",
    "decide",
    "decision_json",
    "load_convention",
    "parse_request",
    "read_convention",
    "request_from_facts",
    "verdict_of",
]
