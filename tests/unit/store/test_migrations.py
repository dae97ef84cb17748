"""Migrations: all or nothing, and the same tables as the modules describe."""

from importlib import import_module
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

import belvedere.store as store_package
from belvedere.store import migrate
from belvedere.store.connections import writing_engine
from belvedere.store.migrate import upgrade
from belvedere.store.schema import metadata


def import_all_tables() -> None:
    for module in Path(store_package.__file__ or "").parent.glob("*_tables.py"):
        import_module(f"belvedere.store.{module.stem}")


def test_the_migrated_database_has_exactly_the_described_tables(tmp_path: Path) -> None:
    import_all_tables()
    engine = writing_engine(tmp_path / "db")
    with engine.connect() as connection:
        with connection.begin():
            upgrade(connection)
        with connection.begin():
            context = MigrationContext.configure(connection)
            differences = compare_metadata(context, metadata)
    engine.dispose()
    assert differences == []


def test_a_migration_that_fails_midway_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "migrations"
    versions = broken / "versions"
    versions.mkdir(parents=True)
    source = Path(migrate.__file__).parent / "migrations"
    for name in ("env.py", "versions/r0001_ledger.py"):
        (broken / name).write_text((source / name).read_text())
    (versions / "r0002_broken.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\nrevision, down_revision = '0002', '0001'\n"
        "branch_labels = depends_on = None\n"
        "def upgrade():\n    op.create_table('half', sa.Column('id', sa.Integer))\n    raise LookupError('power cut')\n"
    )
    monkeypatch.setattr(migrate, "_MIGRATIONS", broken)
    engine = writing_engine(tmp_path / "db")
    with engine.connect() as connection:
        with pytest.raises(LookupError, match="power cut"), connection.begin():
            upgrade(connection)
        with connection.begin():
            assert inspect(connection).get_table_names() == []
        monkeypatch.undo()
        with connection.begin():
            upgrade(connection)
        with connection.begin():
            upgrade(connection)
            assert "ledger_entries" in inspect(connection).get_table_names()
    engine.dispose()
