"""A convention never fails open: what is missing, contradictory or points nowhere refuses, or keeps the text out."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from belvedere.cli import convention as convention_command
from belvedere.domain.causes import Cause
from belvedere.domain.decision import Decision, Granted, Pending, Refused
from belvedere.policy import Convention, ConventionError, decide, parse_request, read_convention
from belvedere.policy.duties import Kept, journal_kept_from, kept_until
from tests.conventions.small_text import (
    ACTIVE,
    CLOSED,
    CONTINUATION,
    EVENT,
    EXTRACTION,
    HOURS,
    INVENTORY,
    NOTICE,
    PRIORITY,
    PURPOSES,
    QUOTA,
    SUSPENSION,
    TERM,
    small,
)
from tests.conventions.texts import CONVENTIONS

STEERING = ("partner-steering",)
TAKEOVER = (HOURS, ACTIVE, CLOSED, NOTICE)
MONDAY, SUNDAY = "2026-03-16T10:00:00+01:00", "2026-03-15T10:00:00+01:00"
REQUISITION = {"kind": "cpp-60-1", "reference": "r", "file_sha256": "0" * 64}


def _read(text: str) -> Convention:
    return read_convention(text.encode(), path="convention.md")


def _error(text: str) -> ConventionError:
    with pytest.raises(ConventionError) as caught:
        _read(text)
    return caught.value


def _asked(
    convention: Convention,
    action: str,
    *,
    party: str = "etat",
    service: str | None = "cic",
    at: str = MONDAY,
    **more: Any,
) -> Decision:
    request = {
        "action": action,
        "at": at,
        "agent": {"party": party, "service": service, "habilitated": True, "station_registered": True},
        "camera": {"id": "c", "owner": "ville", "class": "a", "authorised_until": "2031-12-02", "ptz": True},
        **more,
    }
    return decide(convention, parse_request(request))


# --- the header's first day


@pytest.mark.parametrize("action", ["view", "take_ptz", "extract", "read_inventory"])
def test_nothing_is_granted_to_a_partner_before_the_first_day_whether_a_term_is_written_or_not(action: str) -> None:
    for term in ((), (TERM,)):
        convention = _read(small(EXTRACTION, INVENTORY, *term))
        early = _asked(convention, action, at="2019-03-18T10:00:00+01:00", requisition=REQUISITION)
        assert isinstance(early, Refused)
        assert early.cause is Cause.NOT_IN_FORCE
        assert early.articles == ("petite:art-1",)
        last = _asked(convention, action, at="2022-04-14T23:59:59+02:00", requisition=REQUISITION)
        assert isinstance(last, Refused)
        assert last.valid_until == datetime(2022, 4, 14, 22, tzinfo=UTC)
        assert isinstance(_asked(convention, action, at="2022-04-15T00:00:00+02:00", requisition=REQUISITION), Granted)


def test_the_owner_is_at_home_before_the_first_day_of_a_convention() -> None:
    convention = _read(small())
    assert isinstance(_asked(convention, "view", party="ville", service="csu", at="2019-01-01T00:00:00Z"), Granted)


@pytest.mark.parametrize("line", ["", 'in_force_from = ""', "in_force_from = 0001-01-01", "in_force_from = 9999-12-31"])
def test_without_a_plausible_first_day_nothing_is_in_force(line: str) -> None:
    assert "in_force_from" in _error(small(TERM, swap=("in_force_from = 2022-04-15", line))).message


# --- the header's services


@pytest.mark.parametrize("action", ["view", "take_ptz", "extract", "read_inventory"])
@pytest.mark.parametrize("service", ["gendarmerie", "csu", "CIC", None])
def test_a_service_that_the_header_does_not_list_is_refused_with_the_article_that_shares(
    action: str, service: str | None
) -> None:
    convention = _read(small(EXTRACTION, INVENTORY))
    assert isinstance(_asked(convention, action, requisition=REQUISITION), Granted)
    other = _asked(convention, action, service=service, requisition=REQUISITION)
    assert isinstance(other, Refused)
    assert other.cause is Cause.STRANGER
    assert other.articles == ("petite:art-1",)
    assert "(cic)" in other.reason.fr


def test_an_unlisted_service_does_not_steer_under_a_takeover_either() -> None:
    convention = _read(small(*TAKEOVER, without=STEERING))
    assert isinstance(_asked(convention, "take_ptz", at=SUNDAY), Granted)
    assert isinstance(_asked(convention, "take_ptz", at=SUNDAY, service="douane"), Refused)


def test_a_header_opens_itself_to_any_service_of_a_party_only_by_saying_so() -> None:
    convention = _read(small(swap=('services = ["cic"]', 'services = ["cic"]\nother_services = true')))
    assert isinstance(_asked(convention, "view", service="gendarmerie"), Granted)


@pytest.mark.parametrize("action", ["view", "take_ptz", "record"])
def test_an_owners_service_that_is_not_listed_is_at_home_only_where_the_article_says_any_service(action: str) -> None:
    listed = _read(small())
    assert isinstance(_asked(listed, action, party="ville", service="csu"), Granted)
    assert isinstance(_asked(listed, action, party="ville", service="voirie"), Refused)
    any_service = _read(small(swap=('owner = "ville"\nactions', 'owner = "ville"\nany_service = true\nactions')))
    assert isinstance(_asked(any_service, action, party="ville", service="voirie"), Granted)


def test_services_that_may_watch_are_those_that_may_steer() -> None:
    two = ('services = ["cic"]', 'services = ["cic", "douane"]')
    watching = ('kind = "availability"', 'kind = "availability"\nservices = ["cic"]')
    convention = _read(small(swap=two).replace(*watching))
    for action in ("view", "take_ptz"):
        assert isinstance(_asked(convention, action), Granted)
        assert isinstance(_asked(convention, action, service="douane"), Refused)


def test_a_party_that_only_signs_names_no_service_and_one_that_receives_names_some() -> None:
    signs = '[[party]]\nid = "prefecture"\nname = "P"\nroom = "préfecture"\nservices = []\n\n[[article]]\nid = "art-1"'
    agents = 'kind = "agents"\nparty = "prefecture"\nhabilitated = true\ndesignated_by = "personne"'
    convention = _read(small(agents, swap=('[[article]]\nid = "art-1"', signs)))
    assert isinstance(_asked(convention, "view", party="prefecture", service="x"), Refused)
    assert "names no service of `etat`" in _error(small(swap=('services = ["cic"]', "services = []"))).message


# --- what the law says whether the text repeats it or not


def test_a_withdrawn_authorisation_ends_sharing_by_law_where_no_clause_says_so() -> None:
    convention = _read(small())
    for action in ("view", "take_ptz"):
        refused = _asked(convention, action, state={"authorisation_withdrawn": True})
        assert isinstance(refused, Refused)
        assert refused.articles == ("csi:L252-1",)


def test_what_no_clause_says_how_long_to_keep_is_kept_as_long_as_the_law_allows() -> None:
    convention = _read(small())
    made = date(2026, 2, 18)
    for what, gone in ((Kept.RECORDING, "2026-03-17T23:00"), (Kept.JOURNAL, "2029-02-17T23:00")):
        found = kept_until(convention, what=what, owner="ville", made=made)
        assert found is not None
        assert found[0].isoformat().startswith(gone)
    at = datetime(2026, 3, 18, 12, tzinfo=UTC)
    assert journal_kept_from(convention, owner="ville", at=at) == datetime(2023, 3, 18, 23, tzinfo=UTC)
    assert journal_kept_from(convention, owner="lille", at=at) is None


def test_steering_for_a_kind_of_event_ends_with_the_event_whether_viewing_asks_for_one_or_not() -> None:
    convention = _read(small(*TAKEOVER, without=STEERING))
    given = {"authorisation": {"by_role": "csu-room-chief", "until": "2026-03-16T12:00:00+01:00"}}
    for opened, verdict in ((True, Granted), (False, Refused), (None, Refused)):
        event = {"kind": "trouble-grave", "open": opened, "motive": "x"}
        assert isinstance(_asked(convention, "take_ptz", event=event, state=given), verdict)
    assert isinstance(_asked(convention, "take_ptz", event={"kind": "trouble-grave", "open": True}), Pending)


# --- what points nowhere, or would be read by nothing, keeps the text out

_DUTY = 'kind = "duty"\non = "{}"\nby = "ville"\nto = "etat"\nwhat = "le dire"\nwhen = "before"'
_ON_STATIONS = 'kind = "stations"\nparty = "ville"\nregistered_by = "ville"'
_ARRANGEMENTS = 'kind = "arrangements"\nparty = "etat"\nkinds = ["recherche-personne"]'
_ACTIVITY = (
    'kind = "centre-activity"\nowner = "ville"\nroom = "csu"\nreads = "declared"\ndeclared_by = ["police-director"]'
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # The owner's hours.
        (small(ACTIVE, without=STEERING), "needs the `opening-hours` of `ville`"),
        (small(CLOSED, NOTICE, without=STEERING), "needs the `opening-hours` of `ville`"),
        (small(_ACTIVITY), "needs the `opening-hours` of `ville`"),
        (small(NOTICE.replace("control", "use")), "needs the `opening-hours` of `ville`"),
        (small(_DUTY.format("out-of-hours-call")), "no `opening-hours` of `ville`"),
        (small(HOURS, _DUTY.format("hours-varied")), "no `opening-hours` of `ville` may be varied"),
        (small(HOURS.replace('"csu"', '"pc"')), "is no room of `ville`"),
        (small(HOURS.replace('days = ["mon", "tue"]\n', "")), "hours are those of some `days`"),
        (small(HOURS.replace('"08:00"', '"08:00+02:00"')), "must be a time of day"),
        (small(HOURS.replace('"08:00"', '"08:00:30"')), "must be a time of day"),
        # Steering.
        (small(HOURS, CLOSED, without=STEERING), "needs a `notice` clause"),
        (small(HOURS, ACTIVE, NOTICE, without=STEERING), "no `ptz-takeover` of the closed room"),
        (small(HOURS, ACTIVE, CONTINUATION, without=STEERING), "needs a `ptz-takeover` for the closed room"),
        (small(HOURS, CLOSED + '\nevent_kinds = ["trouble-grave"]', NOTICE, without=STEERING), "reads no `event_kinds`"),
        (small(*TAKEOVER, EVENT, without=STEERING), "names `trouble-grave`, which `event-required` does not let"),
        (small(*TAKEOVER, without=STEERING, swap=("csu-room-chief", "cic-supervisor")), "is no role of the room of `ville`"),
        (small(*TAKEOVER, without=STEERING, swap=("csu-room-chief", "inspector")), "is no role of the room of `ville`"),
        (small(HOURS, _ACTIVITY.replace("police-director", "cic-operator")), "is no role of the room of `ville`"),
        (small(*TAKEOVER, without=STEERING, swap=('by = "etat"', 'by = "ville"')), "is owed by whoever steers"),
        (small(INVENTORY, without=("availability",)), "steer what nothing lets it see"),
        # Parties, services, classes, kinds.
        (small(without=("scope",)), "nothing of `ville` is shared with `etat`"),
        (small(without=("owner-room",)), "no `owner-room` says"),
        (small(without=("availability",), swap=("allowed = true", "allowed = false")), "nothing opens them"),
        (small(EXTRACTION, without=("scope", "availability", "owner-priority", "partner-steering")), "nothing of `ville`"),
        (small(swap=('kind = "availability"', 'kind = "availability"\nservices = ["douane"]')), "is no service of `etat`"),
        (small(QUOTA, PRIORITY.replace('"cic"', '"douane"')), "`douane` is no service of `etat`"),
        (small(INVENTORY.replace('to_service = "cic"', 'to_service = "x"')), "`x` is no service of `etat`"),
        (small(PRIORITY), "needs a `quota`"),
        (small(_ARRANGEMENTS), "no `event-required` asks `etat`"),
        (small(_ON_STATIONS), "no `scope` shares anything with `ville`"),
        (small(QUOTA.replace("etat", "ville")), "no `scope` shares anything with `ville`"),
        (small(SUSPENSION.replace("etat", "ville")),
         "on both sides"),
        (small(PURPOSES, PURPOSES.replace('"a"', '"c"'), swap=('kind = "scope"', 'kind = "scope"\nclass = "a"')),
         "the class `c`, which no `scope` shares"),
        (small(PURPOSES, 'kind = "scope"\nowner = "ville"\nto = "etat"\nclass = "b"',
               swap=('kind = "scope"\nowner = "ville"\nto = "etat"\ncites', 'kind = "scope"\nowner = "ville"\nto = "etat"\nclass = "a"\ncites')),
         "the class `b` is shared, and no `purposes` say for what"),
        (small('kind = "withdrawal"\nowner = "etat"\norder = "x"\nwhen_unknown = "refuse"'), "`etat` has none here"),
        (small('kind = "order-validity"\nowner = "etat"\norder_years = 5'), "`etat` has none here"),
        (small(_DUTY.format("flow-suspended")), "no `suspension` lets `ville` suspend one"),
        (small(_DUTY.format("dispute").replace('"etat"', '"ville"')), "owes itself nothing"),
        # Articles.
        (small(swap=('cites = ["art-1"]', 'cites = ["art-9"]')), "which is no known text"),
        (small(swap=('actions = [', 'steering_cites = ["art-9"]\nactions = [')), "which is no known text"),
        (small(swap=("{#art-1}", "{#art-1}\n\nnon-executable: rien.\n\n## La loi {#law-x}"))
         .replace('["art-1"]', '["csi:L252-3"]'), "cites the law alone"),
        # Values that mean nothing, or everything.
        (small(swap=('kind = "scope"', 'kind = "scope"\ncommunes = []')), "`communes` is empty"),
        (small(swap=('kind = "scope"', 'kind = "scope"\nclass = " "')), "`class` is empty"),
        (small(swap=('id = "etat"', 'id = ""')), "`id` is empty"),
        (small(swap=('id = "petite"', 'id = "art:1"')), "is no id"),
        (small(swap=('id = "art-2"', 'id = "law"')), "is no article id"),
        (small(swap=('zone = "Europe/Paris"', 'zone = "Europe"')), "unknown time zone"),
        (small(TERM.replace("years = 3", "years = 9000")), "more than 100"),
        (small(TERM.replace("notice_months = 6", "notice_months = 36")), "within the term"),
        (small(SUSPENSION.replace('["withdrawal"]', "[]")), "`grounds` is empty"),
    ],
)  # fmt: skip
def test_a_rule_that_lacks_what_it_refers_to_keeps_the_convention_out(text: str, message: str) -> None:
    error = _error(text)
    assert message in error.message
    assert error.line is not None


def test_the_small_text_is_read_with_every_clause_that_these_tests_take_away() -> None:
    _read(small())
    scope = ('kind = "scope"', 'kind = "scope"\nclass = "a"')
    everything = small(
        *TAKEOVER, CONTINUATION, _ACTIVITY, EXTRACTION, INVENTORY, QUOTA, PRIORITY, PURPOSES, SUSPENSION, TERM,
        EVENT.replace("intervention", "trouble-grave"), _ARRANGEMENTS, _DUTY.format("flow-suspended"),
        without=STEERING, swap=scope,
    )  # fmt: skip
    _read(everything)


# --- what a person takes for a rule is read, or is an error

_RESTRICTION = f'```toml clause\n{QUOTA}\ncites = ["art-2"]\nrows = ["A5"]\n```\n'
_WITH_QUOTA = small(swap=("rien à exécuter.\n", f"en partie.\n\n{_RESTRICTION}"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_RESTRICTION, re.sub(r"(?m)^", "  ", _RESTRICTION)),
        (_RESTRICTION, _RESTRICTION.replace("```", "~~~")),
        (_RESTRICTION, _RESTRICTION.replace("```toml clause", "```TOML clause")),
        (_RESTRICTION, _RESTRICTION.replace("```toml clause", "```clause")),
        (_RESTRICTION, f"<!--\n{_RESTRICTION}-->\n"),
        (_RESTRICTION, f"```\nun dessin\n\n{_RESTRICTION}"),
        ("## Article 2 {#art-2}", "## Article 2 {#art-2}\n\nnon-executable: rien.\n\n# Article 2 {#art-2-quota}"),
    ],
    ids=["indented", "tildes", "capitals", "another-word", "comment", "fence-without-end", "title-of-the-page"],
)
def test_a_clause_that_would_be_passed_over_unseen_is_an_error_with_its_line(old: str, new: str) -> None:
    assert _read(_WITH_QUOTA).quota("etat") == 8
    assert old in _WITH_QUOTA
    error = _error(_WITH_QUOTA.replace(old, new) + "\n")
    assert error.line is not None
    assert error.article == "art-2" or "heading that names no article" in error.message


def test_a_clause_right_below_a_reason_is_read() -> None:
    assert _read(_WITH_QUOTA.replace(_RESTRICTION, f"non-executable: en partie.\n{_RESTRICTION}")).quota("etat") == 8


# --- what the commands say


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    made = typer.Typer()
    convention_command.register(made)
    return made


def _command(app: typer.Typer, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["convention", *arguments])


@pytest.mark.parametrize(
    "rows",
    ['["Z9"]', '["A"]', '["A99"]', '["A5", ""]', '["article 3"]', "[]", '"A5"', "[5]", "{}", '["A05"]', '["A5", "A"]'],
)
@pytest.mark.parametrize("command", ["check", "table", "page"])
def test_odd_rows_are_said_with_file_line_and_article_by_every_command(
    app: typer.Typer, tmp_path: Path, command: str, rows: str
) -> None:
    clause = QUOTA + f"\nrows = {rows}"
    text = small(QUOTA, clause)
    (tmp_path / "convention.md").write_text(text, encoding="utf-8")
    result = _command(app, command, str(tmp_path))
    line = text[: text.index(f"rows = {rows}\n")].count("\n") + 1
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit), result.exception
    assert f"{tmp_path}/convention.md:{line} (art-1): " in result.stderr
    assert "row" in result.stderr


def test_diff_says_which_of_two_texts_cannot_be_read(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "convention.md").write_text(small(ACTIVE, without=STEERING), encoding="utf-8")
    result = _command(app, "diff", str(CONVENTIONS / "rouen-metropole"), str(tmp_path))
    assert result.exit_code == 1
    assert re.search(r"convention\.md:\d+ \(art-1\): `ptz-takeover` .* `opening-hours` of `ville`", result.stderr)


def test_a_table_shows_where_services_and_the_first_day_count(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "convention.md").write_text(small(), encoding="utf-8")
    rows = json.loads(_command(app, "table", str(tmp_path), "--format", "json").stdout)
    granted = [row["facts"] for row in rows if row["answers"][0].startswith("granted")]
    assert {facts["agent.service"] for facts in granted} == {"cic", "csu"}
    partners = [facts for facts in granted if facts["agent.party"] == "etat"]
    assert partners
    assert all(facts["at"].startswith("en vigueur") for facts in partners)
