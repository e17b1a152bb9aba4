"""The rows of signed trust lists, their roots, approvals and sightings, as SQLModel classes.

Conventions are those of ``tables``.
"""
