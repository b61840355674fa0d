"""Files that hold several texts: notebooks, books, mails."""
