"""Camera credentials at rest: sealed with a key that stands elsewhere. Reliability 4."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from belvedere.cli.main import app
from belvedere.clock import SystemIds
from belvedere.domain.failures import Unreadable
from belvedere.domain.ids import CameraId
from belvedere.inventory.cameras import SteeringSource, parse_sources, read_sources
from belvedere.inventory.sealed import (
    CAMERA_SOURCES,
    SecretKey,
    create_secret_key,
    is_sealed,
    load_secret_key,
    open_sealed,
    seal,
)

CANARY = "canary-4e1b-passphrase"
PLAIN = json.dumps(
    {"cameras": {"vda-001": {"url": f"rtsp://10.0.0.1/{CANARY}", "username": "cam", "password": CANARY}}}
).encode()


def write_plain(folder: Path, *, mode: int = 0o600) -> Path:
    file = folder / "sources.json"
    file.touch(mode=0o600)
    file.write_bytes(PLAIN)
    file.chmod(mode)
    return file


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return done.exit_code, done.output


def test_sealing_replaces_the_file_and_the_canary_stands_nowhere_in_the_folder(tmp_path: Path) -> None:
    folder, key = tmp_path / "site", tmp_path / "apart" / "secret.key"
    folder.mkdir()
    file = write_plain(folder)
    code, output = run("sources", "seal", file, "--key", key)
    assert code == 0, output
    assert CANARY not in output
    assert is_sealed(file.read_bytes())
    holders = [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert holders == []
    assert [path.stat().st_mode & 0o777 for path in (file, key)] == [0o600, 0o600]
    source = read_sources(file, load_secret_key(key))[CameraId("vda-001")]
    assert source.password == CANARY
    assert CANARY not in repr(source)
    assert key.read_text().split()[1] not in repr(load_secret_key(key))


def test_sealing_twice_the_same_gives_two_envelopes(tmp_path: Path) -> None:
    key = create_secret_key(tmp_path / "k", SystemIds())
    one, two = (seal(PLAIN, key, what=CAMERA_SOURCES, ids=SystemIds()) for _ in range(2))
    assert one != two, "each sealing takes a fresh nonce"
    assert open_sealed(one, key, what=CAMERA_SOURCES) == open_sealed(two, key, what=CAMERA_SOURCES) == PLAIN


def test_another_key_does_not_open_it_and_the_message_says_which_does(tmp_path: Path) -> None:
    file = write_plain(tmp_path)
    run("sources", "seal", file, "--key", tmp_path / "k1")
    other = create_secret_key(tmp_path / "k2", SystemIds())
    with pytest.raises(Unreadable, match=load_secret_key(tmp_path / "k1").id) as refused:
        read_sources(file, other)
    assert other.id in str(refused.value)
    with pytest.raises(Unreadable, match="key_file"):
        read_sources(file)


def test_a_key_that_only_claims_the_right_name_opens_nothing(tmp_path: Path) -> None:
    key = create_secret_key(tmp_path / "k", SystemIds())
    envelope = json.loads(seal(PLAIN, key, what=CAMERA_SOURCES, ids=SystemIds()))
    other = SecretKey(bytes(32))
    with pytest.raises(Unreadable, match="changed"):
        open_sealed(json.dumps(envelope | {"key": other.id}).encode(), other, what=CAMERA_SOURCES)


@pytest.mark.parametrize("member", ["format", "algorithm", "what", "key", "nonce", "sealed"])
def test_one_changed_bit_anywhere_in_the_envelope_is_refused(tmp_path: Path, member: str) -> None:
    key = create_secret_key(tmp_path / "k", SystemIds())
    envelope = json.loads(seal(PLAIN, key, what=CAMERA_SOURCES, ids=SystemIds()))
    for at in {0, len(envelope[member]) // 2}:
        changed = envelope[member]
        changed = changed[:at] + chr(ord(changed[at]) ^ 1) + changed[at + 1 :]
        with pytest.raises(Unreadable):
            open_sealed(json.dumps(envelope | {member: changed}).encode(), key, what=CAMERA_SOURCES)
    with pytest.raises(Unreadable):
        open_sealed(json.dumps({k: v for k, v in envelope.items() if k != member}).encode(), key, what=CAMERA_SOURCES)


def test_a_content_sealed_as_something_else_does_not_pass_for_sources(tmp_path: Path) -> None:
    key = create_secret_key(tmp_path / "k", SystemIds())
    envelope = seal(PLAIN, key, what="something-else", ids=SystemIds())
    with pytest.raises(Unreadable, match="something-else"):
        open_sealed(envelope, key, what=CAMERA_SOURCES)
    renamed = json.dumps(json.loads(envelope) | {"what": CAMERA_SOURCES}).encode()
    with pytest.raises(Unreadable, match="changed"):
        open_sealed(renamed, key, what=CAMERA_SOURCES)


def test_credentials_in_clear_are_read_only_where_nobody_else_may(tmp_path: Path) -> None:
    assert CameraId("vda-001") in read_sources(write_plain(tmp_path))
    with pytest.raises(Unreadable, match="0644"):
        read_sources(write_plain(tmp_path, mode=0o644))


def test_a_key_that_others_may_read_or_that_is_no_key_is_refused(tmp_path: Path) -> None:
    create_secret_key(tmp_path / "k", SystemIds())
    (tmp_path / "k").chmod(0o640)
    with pytest.raises(Unreadable, match="chmod 600"):
        load_secret_key(tmp_path / "k")
    (tmp_path / "k").chmod(0o600)
    (tmp_path / "k").write_text("belvedere.secret-key/v1 c2hvcnQ=\n")
    with pytest.raises(Unreadable, match="its own backup"):
        load_secret_key(tmp_path / "k")
    with pytest.raises(Unreadable, match="never replaced"):
        create_secret_key(tmp_path / "k", SystemIds())


def test_unsealing_gives_the_same_bytes_back_for_a_change(tmp_path: Path) -> None:
    file = write_plain(tmp_path)
    run("sources", "seal", file, "--key", tmp_path / "k")
    assert run("sources", "seal", file, "--key", tmp_path / "k")[0] == 2, "sealed already"
    code, _ = run("sources", "unseal", file, "--key", tmp_path / "k", "-o", tmp_path / "open.json")
    assert code == 0
    assert (tmp_path / "open.json").read_bytes() == PLAIN
    assert (tmp_path / "open.json").stat().st_mode & 0o777 == 0o600


def test_a_bad_file_is_not_sealed_and_its_secret_is_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "sources.json"
    file.write_text(json.dumps({"cameras": {"vda-001": {"url": f"http://{CANARY}/"}}}))
    code, output = run("sources", "seal", file, "--key", tmp_path / "k")
    assert code == 2
    assert CANARY not in output
    assert not (tmp_path / "k").exists()


STEERED = "http://10.0.0.1:80/onvif/device_service"


@pytest.mark.parametrize(
    ("steering", "known"),
    [
        ({"url": STEERED}, SteeringSource(STEERED, "cam", CANARY)),
        ({"url": STEERED, "username": "ptz", "password": "x"}, SteeringSource(STEERED, "ptz", "x")),
        ({"url": "https://[fd00::1]"}, SteeringSource("https://[fd00::1]", "cam", CANARY)),
        (None, None),
    ],
)
def test_a_camera_is_steered_with_an_account_of_its_own_or_with_its_streams(
    steering: dict[str, str] | None, known: SteeringSource | None
) -> None:
    source = {"url": "rtsp://10.0.0.1/a", "username": "cam", "password": CANARY, "steering": steering}
    read = parse_sources(json.dumps({"cameras": {"vda-001": source}}).encode(), name="given")[CameraId("vda-001")]
    assert read.steering == known
    assert CANARY not in repr(read)
    assert CANARY not in repr(read.steering)


@pytest.mark.parametrize(
    "url",
    [
        "rtsp://10.0.0.1/",
        "http://user:word@10.0.0.1/",
        "http://10.0.0.1:99999/",
        "http:///onvif",
        "http://10.0.0.1/a b",
        "file:///etc/passwd",
    ],
)
def test_a_steering_address_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    source = {"url": "rtsp://10.0.0.1/a", "steering": {"url": url}}
    with pytest.raises(Unreadable, match="steering") as refused:
        parse_sources(json.dumps({"cameras": {"vda-001": source}}).encode(), name="given")
    assert url not in str(refused.value)
