"""The face that systems of the GB/T 36906 family speak to; it only translates."""
