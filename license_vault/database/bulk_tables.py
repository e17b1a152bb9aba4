"""The rows about bulk jobs, their rows, and adopted files, as SQLModel classes.

Conventions are those of ``tables``.
"""
