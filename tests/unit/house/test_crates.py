"""The crates keep their own rules: no unsafe, no panics on purpose, no Python in the relay."""

import re
import tomllib
from graphlib import TopologicalSorter

from tests.unit.house.tree import ROOT, kept_files

PURE = ("crates/relay", "crates/rtsp-server")


def test_relay_crates_forbid_unsafe_and_know_no_python() -> None:
    for crate in PURE:
        manifest = tomllib.loads((ROOT / crate / "Cargo.toml").read_text())
        lints = manifest.get("lints", {}).get("rust", {})
        source = (ROOT / crate / "src/lib.rs").read_text()
        assert lints.get("unsafe_code") == "forbid" or "#![forbid(unsafe_code)]" in source, crate
        assert not {name for name in manifest.get("dependencies", {}) if name.startswith("pyo3")}, crate


def test_relay_crates_never_unwrap_outside_their_tests() -> None:
    offenders = []
    for path in kept_files():
        if path.suffix == ".rs" and any(path.is_relative_to(f"{crate}/src") for crate in PURE):
            text = (ROOT / path).read_text()
            code = re.split(r"#\[cfg\(test\)\]", text)[0]
            if path.stem != "tests":
                offenders += [
                    f"{path}:{code[: found.start()].count(chr(10)) + 1}"
                    for found in re.finditer(r"\.(?:unwrap|expect)\(", code)
                ]
    assert offenders == []


def test_the_workspace_asks_for_the_rust_that_the_prerequisites_look_for() -> None:
    asked = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    looked_for = re.search(r"RUST_MIN = \((\d+), (\d+)\)", (ROOT / "scripts/toolchain.py").read_text())
    assert looked_for is not None
    assert asked == f"{looked_for[1]}.{looked_for[2]}"


def test_the_modules_of_net_import_each_other_one_way() -> None:
    folder = ROOT / "crates/relay/src/net"
    modules = {path.stem: path.read_text() for path in folder.glob("*.rs") if path.stem not in {"mod", "tests"}}
    imports = {name: _modules_named(text) & set(modules) for name, text in modules.items()}
    assert imports["relay"] >= {"ingest", "server", "shared"}, "the imports are read at all"
    tuple(TopologicalSorter(imports).static_order())  # a circle is an error that names it


def _modules_named(text: str) -> set[str]:
    """Return what a module of a folder names of its neighbours: `super::x`, `super::{x, y::Z}`, `crate::net::x`."""
    code = re.split(r"#\[cfg\(test\)\]\s*mod tests", text)[0]
    named = set(re.findall(r"(?:super|crate::net)::(\w+)", code))
    for group in re.findall(r"(?:super|crate::net)::\{([^;]*)\};", code):
        named |= set(re.findall(r"(?:^|,)\s*(\w+)", re.sub(r"\{[^}]*\}", "", group)))
    return named
