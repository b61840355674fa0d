"""Fills the library: sources are accepted, parsed, chunked and embedded."""
