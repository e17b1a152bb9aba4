"""Cases (办件): what an item needs, pre-filled forms, decisions, and fields copied on."""
