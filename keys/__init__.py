"""Custody of keys: SM2, SM3 and SM4, certificates, and the one door to anything keyed.

Nothing here knows what a license, a seal or a document is, and nothing of ours is imported.
"""
