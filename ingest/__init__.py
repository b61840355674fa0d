"""ingest fills the library: sources, loaders, chunks, vectors."""
