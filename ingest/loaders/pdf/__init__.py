"""Loads PDFs: from PDFium's characters to text, blocks and the alignment with the page."""
