"""Signatures of the CMS family: ours in PDF and JSON, and GB/T 35275 of others."""
