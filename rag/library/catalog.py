"""The catalog: which collections hold which documents, and what these consist of. SQLite is the truth."""

from __future__ import annotations

from rag.library.chunks import Chunks
from rag.library.collections import Collections
from rag.library.database import Database
from rag.library.documents import Documents
from rag.library.memberships import Memberships


class SqliteCatalog:
    """The parts that read and change what is held; each does so in the same database."""

    def __init__(self, database: Database, fingerprint: str) -> None:
        self.collections = Collections(database)
        self.documents = Documents(database, fingerprint)
        self.chunks = Chunks(database)
        self.memberships = Memberships(database)
