"""Text processing: words, stems, sentences, compounds, outlines, course units. Knows no question and no library."""
