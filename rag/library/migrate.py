"""The schema of ``library.db`` and its migrations.

Each release appends a migration and never changes an old one, so that every older home opens.
"""

from __future__ import annotations

import sqlite3

from rag.errors import HomeError

_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, created TEXT NOT NULL) STRICT;

-- A document is its content: the same bytes are one row, however many paths and collections hold them.
CREATE TABLE documents (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
    title TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, blocks TEXT NOT NULL, notes TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('parsed', 'failed')), error TEXT, added TEXT NOT NULL
) STRICT;

CREATE TABLE pages (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, number INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, label TEXT, alignment TEXT NOT NULL,
    PRIMARY KEY (document_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE holdings (
    collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE, uri TEXT NOT NULL,
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    size INTEGER NOT NULL, mtime_ns INTEGER, etag TEXT, added TEXT NOT NULL,
    PRIMARY KEY (collection_id, uri)
) STRICT;
CREATE INDEX holdings_document ON holdings (document_id);

-- What was accepted and is not parsed yet. The bytes lie in files/, so a job outlives its original.
CREATE TABLE jobs (
    collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE, uri TEXT NOT NULL,
    document_id TEXT NOT NULL, sha256 TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER, etag TEXT, added TEXT NOT NULL, PRIMARY KEY (collection_id, uri)
) STRICT;

CREATE TABLE chunks (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, page INTEGER, page_end INTEGER, page_label TEXT,
    headings TEXT NOT NULL, stems TEXT NOT NULL, UNIQUE (document_id, ordinal)
) STRICT;

-- External content: contentless tables can delete rows only from SQLite 3.43 on.
CREATE VIRTUAL TABLE chunk_words USING fts5 (
    stems, content = 'chunks', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE VIRTUAL TABLE chunk_vocabulary USING fts5vocab ('chunk_words', 'row');
CREATE TRIGGER chunks_insert AFTER INSERT ON chunks BEGIN
    INSERT INTO chunk_words (rowid, stems) VALUES (new.number, new.stems);
END;
CREATE TRIGGER chunks_delete AFTER DELETE ON chunks BEGIN
    INSERT INTO chunk_words (chunk_words, rowid, stems) VALUES ('delete', old.number, old.stems);
END;

-- Which documents have all their vectors in which index.
CREATE TABLE vectors (
    collection_id INTEGER NOT NULL REFERENCES collections ON DELETE CASCADE,
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, fingerprint TEXT NOT NULL,
    PRIMARY KEY (collection_id, document_id, fingerprint)
) STRICT;

-- Vectors that must still be deleted: written in the transaction that removes the document, done after it.
CREATE TABLE vector_removals (
    collection_id INTEGER NOT NULL, document_id TEXT NOT NULL, PRIMARY KEY (collection_id, document_id)
) STRICT;
"""

# The boxes of words recognised in a picture, as JSON.
_BOXES = "ALTER TABLE pages ADD COLUMN boxes TEXT NOT NULL DEFAULT '[]';"

# The reading quality as JSON; and whether a document failed only for lack of its password.
_QUALITY = """
ALTER TABLE documents ADD COLUMN quality TEXT NOT NULL DEFAULT '';
ALTER TABLE documents ADD COLUMN needs_password INTEGER NOT NULL DEFAULT 0;
"""


# The words that compounds are made of, with the letters at each position. A word stays after its last text is gone:
# it is then found in no chunk.
_WORDS = """
CREATE TABLE words (number INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE) STRICT;
CREATE VIRTUAL TABLE word_letters USING fts5 (
    term, content = 'words', content_rowid = 'number', tokenize = 'trigram'
);
CREATE TRIGGER words_insert AFTER INSERT ON words WHEN length(new.term) >= 9 BEGIN
    INSERT INTO word_letters (rowid, term) VALUES (new.number, new.term);
END;
INSERT INTO words (term) SELECT term FROM chunk_vocabulary
    WHERE length(term) >= 4 AND EXISTS (SELECT 1 FROM documents WHERE language = 'de');
"""

# What identifies a document: its name, its cover, and a person's tags. Changes of a document's name or text are
# recorded, and the next question refreshes its profile. (OR IGNORE in a trigger yields to the statement's own.)
_COVERS = """
CREATE TABLE covers (
    number INTEGER PRIMARY KEY, document_id TEXT NOT NULL UNIQUE REFERENCES documents ON DELETE CASCADE,
    name TEXT NOT NULL, cover TEXT NOT NULL, places TEXT NOT NULL, edition TEXT NOT NULL
) STRICT;
CREATE VIRTUAL TABLE cover_words USING fts5 (
    name, cover, content = 'covers', content_rowid = 'number', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER covers_insert AFTER INSERT ON covers BEGIN
    INSERT INTO cover_words (rowid, name, cover) VALUES (new.number, new.name, new.cover);
END;
CREATE TRIGGER covers_delete AFTER DELETE ON covers BEGIN
    INSERT INTO cover_words (cover_words, rowid, name, cover) VALUES ('delete', old.number, old.name, old.cover);
END;
CREATE TABLE uncovered (document_id TEXT PRIMARY KEY) STRICT;
CREATE TRIGGER holdings_insert AFTER INSERT ON holdings BEGIN
    DELETE FROM uncovered WHERE document_id = new.document_id;
    INSERT INTO uncovered VALUES (new.document_id);
END;
CREATE TRIGGER holdings_update AFTER UPDATE OF uri, document_id ON holdings BEGIN
    DELETE FROM uncovered WHERE document_id = new.document_id;
    INSERT INTO uncovered VALUES (new.document_id);
    DELETE FROM uncovered WHERE document_id = old.document_id;
    INSERT INTO uncovered VALUES (old.document_id);
END;
CREATE TRIGGER holdings_delete AFTER DELETE ON holdings BEGIN
    DELETE FROM uncovered WHERE document_id = old.document_id;
    INSERT INTO uncovered VALUES (old.document_id);
END;
CREATE TRIGGER documents_update AFTER UPDATE OF title, text ON documents BEGIN
    DELETE FROM uncovered WHERE document_id = new.id;
    INSERT INTO uncovered VALUES (new.id);
END;
INSERT INTO uncovered SELECT id FROM documents;
-- So that asking what there is doesn't read the texts, behind which the state stands.
CREATE INDEX documents_state ON documents (state, id, language);
CREATE TABLE tags (
    document_id TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, tag TEXT NOT NULL, PRIMARY KEY (document_id, tag)
) STRICT, WITHOUT ROWID;
"""

# Originals that may have to go, recorded before the files folder changes and deleted after, so that a kill leaves none.
_FILE_REMOVALS = """
CREATE TABLE file_removals (sha256 TEXT PRIMARY KEY) STRICT;
CREATE INDEX documents_sha256 ON documents (sha256);
"""

# The number of the reading that a document comes from.
_READINGS = "ALTER TABLE documents ADD COLUMN reading INTEGER NOT NULL DEFAULT 0;"

# The conversations of the page. An exchange is packed as JSON, which the page alone reads; its words are searched.
_CONVERSATIONS = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, created TEXT NOT NULL, changed TEXT NOT NULL, removed TEXT
) STRICT;
CREATE TABLE exchanges (
    conversation_id TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE, number INTEGER NOT NULL,
    words TEXT NOT NULL, packed TEXT NOT NULL, PRIMARY KEY (conversation_id, number)
) STRICT, WITHOUT ROWID;
"""

STEPS: tuple[str, ...] = (
    *(_FIRST, _BOXES, _QUALITY, _WORDS, _COVERS, _FILE_REMOVALS, _READINGS),
    _CONVERSATIONS,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate the database behind `connection` to the newest schema, one transaction per migration.

    Raises HomeError if a newer Studyhall wrote the file.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(STEPS):
        message = f"This library was written by a newer Studyhall (schema {version}; known here: {len(STEPS)})."
        raise HomeError(message, remedy="Update Studyhall, or choose another home with --home.")
    for number, step in enumerate(STEPS[version:], start=version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;")
