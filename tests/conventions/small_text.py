"""A small convention of our own, of the kind that others write: no term, one service a party, few clauses.

`small(…)` puts clauses in and takes them out, so that a test shows the one rule that it is about.
"""

import re

HEADER = """# Une ville et l'État

```toml convention
id = "petite"
title_fr = "Une ville et l'État"
title_en = "A city and the State"
zone = "Europe/Paris"
in_force_from = 2022-04-15

[[party]]
id = "ville"
name = "Ville"
room = "CSU"
services = ["csu"]

[[party]]
id = "etat"
name = "État"
room = "CIC"
services = ["cic"]

[[article]]
id = "art-1"
fr = "Article 1"
en = "Article 1"

[[article]]
id = "art-2"
fr = "Article 2"
en = "Article 2"
```

## Article 1 {#art-1}

"""
TAIL = """
## Article 2 {#art-2}

non-executable: rien à exécuter.
"""

CLAUSES = {
    "agents-ville": 'kind = "agents"\nparty = "ville"\nhabilitated = true\ndesignated_by = "le maire"',
    "agents-etat": 'kind = "agents"\nparty = "etat"\nhabilitated = true\ndesignated_by = "le chef de service"',
    "owner-room": 'kind = "owner-room"\nowner = "ville"\nactions = ["view", "take_ptz", "record"]',
    "scope": 'kind = "scope"\nowner = "ville"\nto = "etat"',
    "availability": 'kind = "availability"\nowner = "ville"\nto = "etat"',
    "owner-priority": 'kind = "owner-priority"\nowner = "ville"\nover = "etat"',
    "partner-steering": 'kind = "partner-steering"\nowner = "ville"\nparty = "etat"\nallowed = true',
}
"""What the text says by default, by name."""

HOURS = 'kind = "opening-hours"\nowner = "ville"\nroom = "csu"\ndays = ["mon", "tue"]\nopen = "08:00"\nclose = "18:00"'
ACTIVE = (
    'kind = "ptz-takeover"\nowner = "ville"\nparty = "etat"\nwhile = "centre-active"\nregime = "authorisation"\n'
    'authorised_by = ["csu-room-chief"]\nevent_kinds = ["trouble-grave"]'
)
CLOSED = 'kind = "ptz-takeover"\nowner = "ville"\nparty = "etat"\nwhile = "centre-closed"\nregime = "notice-after"'
NOTICE = (
    'kind = "notice"\nowner = "ville"\nparty = "etat"\nowed_for = "control"\ndue = "next-opening"\n'
    'tells = ["heures"]\nby = "etat"'
)
CONTINUATION = 'kind = "lease-continuation"\nowner = "ville"\nparty = "etat"\ngoes_on = true'
EVENT = 'kind = "event-required"\nparty = "etat"\nkinds = ["intervention"]\nmotive = "owed"'
EXTRACTION = 'kind = "extraction"\nowner = "ville"\nto = ["etat"]\nrequisition_kinds = ["cpp-60-1"]'
INVENTORY = (
    'kind = "inventory-duty"\nowner = "ville"\nto = "etat"\nto_service = "cic"\nformat = "geojson"\n'
    'on_change = "at-once"\namendment = false'
)
QUOTA = 'kind = "quota"\nparty = "etat"\ncameras = 8'
PRIORITY = 'kind = "priority"\nparty = "etat"\nservice = "cic"\npreempts = "first-listed"'
PURPOSES = 'kind = "purposes"\nowner = "ville"\nto = "etat"\nclass = "a"\npurposes = ["verbalisation"]'
SUSPENSION = (
    'kind = "suspension"\nowner = "ville"\nparty = "etat"\ngrounds = ["withdrawal"]\nby_role = ["police-director"]'
)
TERM = 'kind = "term"\nyears = 3\nrenewal = "tacit"\nnotice_months = 6\nnotice_by = "lettre"'


def small(*more: str, without: tuple[str, ...] = (), swap: tuple[str, str] | None = None) -> str:
    """Return the text with clauses added and left out; `swap` replaces one piece of it, which must be there."""
    blocks = [*(text for name, text in CLAUSES.items() if name not in without), *more]
    written = "\n".join(f"```toml clause\n{_carried(block)}\n```\n" for block in blocks)
    text = HEADER + written + TAIL
    if swap is not None:
        assert swap[0] in text, swap[0]
        text = text.replace(*swap)
    return text


def _carried(block: str) -> str:
    """Return the clause with the article and the row that carry it, where it names none of its own."""
    cites = "" if re.search(r"^cites = ", block, re.MULTILINE) else '\ncites = ["art-1"]'
    rows = "" if re.search(r"^rows = ", block, re.MULTILINE) else '\nrows = ["A5"]'
    return block + cites + rows
