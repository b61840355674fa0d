"""What is asked: its language, its term, its numbered thing, what it means of the conversation, which documents."""
