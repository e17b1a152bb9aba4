"""One file a step; each says what runs before and after it."""
