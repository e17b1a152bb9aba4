"""The rows about cases, what items need, and copied fields, as SQLModel classes.

Conventions are those of ``tables``.
"""
