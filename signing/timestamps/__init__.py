"""Time-stamp tokens (RFC 3161, GB/T 20520): read, asked for, and made in development."""
