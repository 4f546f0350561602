"""Scripts, run folders, and the running of a question."""
