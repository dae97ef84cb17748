"""What a node keeps: SQLite through SQLAlchemy Core, one process, one writer.

Owns tables, migrations, transactions and the ledger's rows. Only this package imports a database driver.
Does not know: who may do what, nor what a record means.
"""
