"""Makes the fixture modules of this folder (``pki``, ``memory_keys``) importable by every test."""
