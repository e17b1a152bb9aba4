"""The rows about parts of composite licenses and evidence, as SQLModel classes.

Conventions are those of ``tables``.
"""
