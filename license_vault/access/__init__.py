"""Who may use which licenses for what: the five elements of a use, and the grants."""
