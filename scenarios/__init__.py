"""One planning question per file; found by name, never listed."""
