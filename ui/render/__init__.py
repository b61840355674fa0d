"""Answers, reports and evaluations: for people in a terminal, and as JSON for scripts."""
