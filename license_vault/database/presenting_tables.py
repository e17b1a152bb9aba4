"""The rows about devices, presenting codes, receipts and purpose-bound copies, as SQLModel classes.

Conventions are those of ``tables``.
"""
