"""The sealed JSON form, the manifest, and the strict reader of both."""
