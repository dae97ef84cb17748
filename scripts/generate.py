"""`make generate`: writes anew what is generated and kept; `make check` fails while it is stale."""

import subprocess
import sys
from pathlib import Path

from scripts import check, toolchain
from scripts.stamps import ROOT


def main() -> int:
    """Write the API's description and types, the causes' words, and each convention's kept table."""
    (ROOT / "frontend/openapi.json").write_text(check.openapi_text())
    (ROOT / check.CAUSES_FILE).write_text(check.causes_text())
    npm: list[str | Path] = [ROOT / ".venv/bin/npm", "--silent", "run", "api"]
    subprocess.run(npm, cwd=ROOT / "frontend", env=toolchain.environment(), check=True)
    (ROOT / "frontend/src/i18n/source_causes.ts").write_text(check.source_causes_text())
    for kept in ROOT.glob("conventions/*/table.csv"):
        table: list[str | Path] = [ROOT / ".venv/bin/belvedere", "convention", "table", kept.parent, "--format", "csv"]
        kept.write_text(subprocess.run(table, check=True, capture_output=True, text=True).stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
