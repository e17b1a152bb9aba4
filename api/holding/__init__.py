"""Routes of a holder's vault besides the licenses: journal, mandates, deliveries, disputes."""
