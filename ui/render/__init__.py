"""Answers, reports and evaluations for people in a terminal, and the same as JSON."""
