"""The rows of requests and answers between regions, quotas and disputes, as SQLModel classes.

Conventions are those of ``tables``.
"""
