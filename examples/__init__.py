"""What `make demo` runs, and the requests it sends."""
