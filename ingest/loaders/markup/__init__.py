"""Loaders of HTML, Markdown, LaTeX and reStructuredText."""
