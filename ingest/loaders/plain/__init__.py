"""Plain text, source code and tables of values."""
