"""Status lists: their shards and their publication."""
