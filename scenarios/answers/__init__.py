"""What several questions answer with."""
