"""Problems (RFC 9457): the table of kinds, and how errors leave."""
