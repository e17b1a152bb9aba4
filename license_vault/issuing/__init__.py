"""Issuing: from the request over the intent to sealed, checked and deposited files."""
