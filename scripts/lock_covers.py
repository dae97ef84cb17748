"""Tells which dependencies of pyproject.toml requirements.lock does not answer for. Run by `.venv`'s Python."""

import re
import sys
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.stamps import ROOT


def uncovered() -> list[str]:
    """Return each declared dependency that is not pinned, or pinned outside what is declared."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = declared["project"]
    wanted = [
        *project["dependencies"],
        *(line for extra in project["optional-dependencies"].values() for line in extra),
        *(line for group in declared["dependency-groups"].values() for line in group),
    ]
    lock = (ROOT / "requirements.lock").read_text()
    pinned = {canonicalize_name(name): version for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)", lock)}
    return [
        line
        for line in wanted
        for requirement in [Requirement(line)]
        if not requirement.specifier.contains(
            pinned.get(canonicalize_name(requirement.name), "0.dev0"), prereleases=True
        )
        or canonicalize_name(requirement.name) not in pinned
    ]


if __name__ == "__main__":
    missing = uncovered()
    if missing:
        sys.exit(f"requirements.lock does not answer for {', '.join(missing)}; make lock compiles it anew")
