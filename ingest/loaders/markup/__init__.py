"""HTML, Markdown, LaTeX and reStructuredText."""
