"""Text as such: words and their stems, sentences, compounds, numbers of a course. Knows no question and no library."""
