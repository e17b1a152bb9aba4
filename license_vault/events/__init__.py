"""What happened, told to whoever asked to be told: the outbox and webhooks."""
