"""Where encrypted files are kept: the port and its adapters."""
