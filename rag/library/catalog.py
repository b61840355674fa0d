"""The catalog: collections, documents and chunks of a home. SQLite is the truth."""

from __future__ import annotations

from rag.library.chunks import Chunks
from rag.library.collections import Collections
from rag.library.database import Database
from rag.library.documents import Documents
from rag.library.memberships import Memberships


class SqliteCatalog:
    """Groups the readers and writers of the catalog; all work on the same database."""

    def __init__(self, database: Database, fingerprint: str) -> None:
        self.collections = Collections(database)
        self.documents = Documents(database, fingerprint)
        self.chunks = Chunks(database)
        self.memberships = Memberships(database)
