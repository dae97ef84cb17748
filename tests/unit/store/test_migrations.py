"""Migrations: all or nothing, and the same tables as the modules describe."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

import belvedere.store as store_package
from belvedere.domain.failures import Unreadable
from belvedere.store import migrate
from belvedere.store.connections import writing_engine
from belvedere.store.migrate import upgrade
from belvedere.store.schema import metadata
from tests.unit.store.next_release import SECOND, two_migrations


def import_all_tables() -> None:
    for module in Path(store_package.__file__ or "").parent.glob("*_tables.py"):
        import_module(f"belvedere.store.{module.stem}")


def schema(database: Path, make: Callable[[Connection], None]) -> dict[str, object]:
    """Return all that SQLite knows of the tables and indexes that `make` makes, in the order of their columns."""
    engine = writing_engine(database)
    with engine.connect() as connection:
        with connection.begin():
            make(connection)

        def told(pragma: str, name: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {pragma}('{name}')")]

        found: dict[str, object] = {}
        for row in connection.exec_driver_sql(
            "SELECT name, ncol, wr, strict FROM pragma_table_list WHERE type = 'table'"
        ):
            name = str(row.name)
            if name != "alembic_version" and not name.startswith("sqlite_"):
                found[name] = (tuple(row), told("pragma_table_xinfo", name), told("pragma_foreign_key_list", name))
        for row in connection.exec_driver_sql("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'"):
            if row.tbl_name != "alembic_version":
                found[row.name] = (tuple(row), told("pragma_index_xinfo", row.name))
    engine.dispose()
    return found


def test_the_migrations_make_exactly_the_schema_that_the_modules_describe(tmp_path: Path) -> None:
    import_all_tables()
    described = schema(tmp_path / "described", metadata.create_all)
    assert len(described) > len(metadata.tables)
    assert schema(tmp_path / "migrated", upgrade) == described


def test_a_database_of_a_revision_that_the_program_does_not_know_is_not_touched(tmp_path: Path) -> None:
    engine = writing_engine(tmp_path / "db")
    with engine.connect() as connection:
        with connection.begin():
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num TEXT)")
            connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0008')")
        with pytest.raises(Unreadable, match="revision 0008, which this program does not know"), connection.begin():
            upgrade(connection)
        with connection.begin():
            assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_a_migration_that_fails_midway_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = SECOND.read_text() + "    raise LookupError('power cut')\n"
    monkeypatch.setattr(migrate, "_MIGRATIONS", two_migrations(tmp_path / "migrations", failing))
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
