"""The rows about mandates, deliveries, prints, journals and disputes, as SQLModel classes.

Conventions are those of ``tables``.
"""
