"""The rows of partner regions: what was pulled from each, and how they answer, as SQLModel classes.

Conventions are those of ``tables``.
"""
