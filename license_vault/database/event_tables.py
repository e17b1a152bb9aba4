"""The rows about outbox, webhooks, reports to the directory and grants, as SQLModel classes.

Conventions are those of ``tables``.
"""
