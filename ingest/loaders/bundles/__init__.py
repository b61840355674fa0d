"""Loaders of files that bundle several texts: notebooks, books, e-mails."""
