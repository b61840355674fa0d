"""Passages to an answer: quoted or written, each sentence with the page it stands on, or refused."""
