"""The library of a home: catalog and lexical index in SQLite are the truth, the vectors in Chroma are derived."""
