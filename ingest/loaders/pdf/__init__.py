"""PDF: from the characters that PDFium finds to text, blocks, and the way back to the page."""
