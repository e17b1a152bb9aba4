"""The rows of status lists in two files and their changes, as SQLModel classes.

Conventions are those of ``tables``.
"""
