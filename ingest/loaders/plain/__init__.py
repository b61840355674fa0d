"""Loaders of plain text, source code and tables of values."""
