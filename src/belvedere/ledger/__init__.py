"""The append-only ledger: canonical records, the RFC 6962 tree, signed checkpoints, offline verification.

Owns: the bytes of a record, the hashes over them, the notes that sign them, and the exported file.
Does not know: any database, any network, what time it is, who may read what.
"""
