"""The public tests for HTTP caches, run against the course's own."""
