"""Measures answer quality on a person's own documents: questions with known answers in, measures out."""
