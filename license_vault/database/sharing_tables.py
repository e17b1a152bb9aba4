"""The rows of the shared catalogue, use lists, maps and verification receipts, as SQLModel classes.

Conventions are those of ``tables``.
"""
