"""OFD (GB/T 33190): read strictly, sealed, and drawn."""
