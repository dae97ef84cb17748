"""The facade over the extension: one failure for each kind of error, nothing lost in translation."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import belvedere_relay as extension
import pytest

from belvedere.domain.causes import CLOSED_BY_RELAY, DROPPED_BY_RELAY
from belvedere.domain.source_causes import SourceCause
from belvedere.media import native, relay
from belvedere.media.relay import BadSource, MediaSource

pytestmark = pytest.mark.relay


def test_each_kind_of_error_in_rust_has_one_class_in_python() -> None:
    classes = {
        name
        for name, member in vars(extension).items()
        if inspect.isclass(member) and issubclass(member, extension.RelayError) and member is not extension.RelayError
    }
    assert set(extension.error_kinds()) == classes
    assert len(extension.error_kinds()) == len(classes)


@pytest.mark.parametrize("kind", extension.error_kinds())
def test_each_kind_of_error_raises_its_own_class_and_its_own_failure(kind: str) -> None:
    with pytest.raises(extension.RelayError) as raised:
        extension.raise_kind(kind)
    assert type(raised.value).__name__ == kind
    with pytest.raises(native.FAILURE_OF[type(raised.value)]), native.translated():
        extension.raise_kind(kind)


def test_each_failure_of_the_facade_has_a_kind_of_error_and_each_its_own() -> None:
    failures = {
        member
        for member in vars(relay).values()
        if inspect.isclass(member) and issubclass(member, relay.MediaFailure) and member is not relay.MediaFailure
    }
    assert set(native.FAILURE_OF.values()) == failures
    assert len(native.FAILURE_OF) == len(failures)


def test_each_event_of_the_facade_is_translated() -> None:
    assert set(native.EVENT_OF) == {event.__name__ for event in relay.MediaEvent.__args__}


def test_each_cause_with_which_a_session_is_dropped_is_known_by_both_sides() -> None:
    assert sorted(extension.drop_causes()) == sorted(DROPPED_BY_RELAY)


def test_each_cause_with_which_the_relay_closes_a_socket_is_known_by_both_sides() -> None:
    assert sorted(extension.close_causes()) == sorted(CLOSED_BY_RELAY)


def test_each_cause_for_which_a_camera_is_lost_is_known_by_both_sides() -> None:
    known_here_alone = {SourceCause.NO_ADDRESS}  # a camera without an address never comes to the relay
    assert sorted(extension.source_causes()) == sorted(set(SourceCause) - known_here_alone)


def test_every_bound_is_said_by_the_facade_and_none_has_another_default_in_rust() -> None:
    parameters = inspect.signature(extension.Relay).parameters.values()
    assert {parameter.default for parameter in parameters} == {inspect.Parameter.empty}
    assert {parameter.name for parameter in parameters} == set(relay.RelayConfig.__dataclass_fields__)


def test_each_figure_of_the_facade_is_one_of_the_extension() -> None:
    theirs = {name for name in dir(extension.Stats) if not name.startswith("_")}
    assert theirs == set(relay.RelayStats.__dataclass_fields__)


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        (MediaSource("rtsp://10.0.0.1/a"), ("rtsp://10.0.0.1/a", None, None)),
        (MediaSource("rtsp://u:p%40ss@10.0.0.1:8554/a?b=c"), ("rtsp://10.0.0.1:8554/a?b=c", "u", "p@ss")),
        (MediaSource("rtsp://u:p@10.0.0.1/", "v", "w"), ("rtsp://10.0.0.1/", "v", "w")),
    ],
)
def test_credentials_in_a_url_are_put_beside_it(source: MediaSource, bare: tuple[str, str | None, str | None]) -> None:
    assert native._without_credentials(source) == bare


def test_a_source_and_a_ticket_show_nothing() -> None:
    assert "canary" not in repr(MediaSource("rtsp://canary@h/", "canary", "canary"))
    with pytest.raises(BadSource):
        native._without_credentials(MediaSource("rtsp://[bad"))


def test_importing_the_facade_loads_no_rust() -> None:
    code = "import sys, belvedere.media.relay; print('belvedere_relay' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_only_the_native_module_imports_the_extension() -> None:
    names = {
        alias.name
        for node in ast.walk(ast.parse(inspect.getsource(relay)))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert "belvedere_relay" not in names


def test_the_page_of_cameras_lists_every_cause_and_every_oddity_and_no_other() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/cameras.md").read_text()
    plays, fails = page.split("## Where one does not play")
    rows = [line.split("|")[1] for line in fails.splitlines() if line.startswith("| `")]
    assert {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)} == set(SourceCause)
    assert {
        code for codes in re.findall(r"\((`[a-z`, -]+`)\)", plays) for code in re.findall(r"`([a-z-]+)`", codes)
    } == set(extension.source_oddities())
