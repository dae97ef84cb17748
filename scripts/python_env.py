"""Makes `.venv`: everything of requirements.lock by its hash, then Belvedere itself, editable.

Run by the system's Python, `python3 -m scripts.python_env`. `uv` does the work and comes from the same lock.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from scripts.stamps import ROOT, digest, is_fresh, put

VENV = ROOT / ".venv"
LOCK = "requirements.lock"


def _uv_alone(lock: str) -> str:
    """Return the lines of the lock that pin `uv`."""
    found = re.search(r"^uv==.*?(?=^\S)", lock + "end", re.MULTILINE | re.DOTALL)
    if found is None:
        sys.exit(f"{LOCK} does not pin uv")
    return found[0]


def _index_of_pip() -> dict[str, str]:
    """Return what tells uv the package index that this machine's pip is set to, where it is set to one."""
    if "UV_DEFAULT_INDEX" in os.environ or "UV_INDEX_URL" in os.environ:
        return {}
    asked = subprocess.run(
        [VENV / "bin/python", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"^(?:global|install|site|user|:env:)\.index-url='(.+)'$", asked, re.MULTILINE)
    return {"UV_DEFAULT_INDEX": found[1]} if found else {}


def _is_usable() -> bool:
    """Return whether `.venv` was made here, and by this version of Python."""
    asked: list[str | Path] = [VENV / "bin/python", "-c", "import sys; print(sys.prefix, *sys.version_info[:2])"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        script = (VENV / "bin/pip").read_text().splitlines()[0]
    except (OSError, subprocess.SubprocessError):
        return False
    return told == f"{VENV} {sys.version_info[0]} {sys.version_info[1]}" and str(VENV) in script


def _lay_packages() -> None:
    if not _is_usable():
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    bootstrap = VENV / "uv.lock"
    bootstrap.write_text(_uv_alone((ROOT / LOCK).read_text()))
    pip: list[str | Path] = [VENV / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", bootstrap], check=True)
    _run_uv("--require-hashes", "-r", ROOT / LOCK)


def _run_uv(*words: str | Path) -> None:
    command = [VENV / "bin/uv", "pip", "install", "--quiet", "--no-deps", *words]
    told = {"VIRTUAL_ENV": str(VENV), "UV_LINK_MODE": "copy", **_index_of_pip()}
    subprocess.run(command, check=True, env={**os.environ, **told})


def main() -> int:
    """Bring `.venv` up to requirements.lock and pyproject.toml; a second run does nothing."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    packages = digest([LOCK, "scripts/python_env.py"], also=f"{ROOT} {version}")
    if not is_fresh(VENV / "stamps/packages", packages):
        print("build: Python packages into .venv", flush=True)
        _lay_packages()
        put(VENV / "stamps/packages", packages)
    itself = digest(["pyproject.toml"], also=packages)
    if not is_fresh(VENV / "stamps/itself", itself):
        _run_uv("--no-build-isolation", "--editable", ROOT)
        put(VENV / "stamps/itself", itself)
    return 0


if __name__ == "__main__":
    sys.exit(main())
