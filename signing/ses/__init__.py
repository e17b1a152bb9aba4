"""Electronic seals and their signatures (GB/T 38540, GM/T 0031)."""
