"""Competence: the table, its conditions, and the explanation of a verdict."""
