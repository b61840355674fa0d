"""How good the answers are, on one's own documents: questions with known answers in, measures out."""
