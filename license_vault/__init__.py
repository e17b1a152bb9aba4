"""License Vault: the vocabulary of electronic licenses, their catalogue, keeping and issuing."""
