"""A license's life after it is issued: verbs, versions, marks, what is due, and what was when."""
