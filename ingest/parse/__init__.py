"""Parses bytes into documents, in processes of their own, so that a bad file costs only itself."""
