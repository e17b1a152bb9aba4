"""What belongs to a holder's vault besides the licenses: who used them, who may act, disputes."""
