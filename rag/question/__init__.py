"""The analysis of a question: language, term or numbered item, follow-up, spelling, documents and scope."""
