"""Where things stand best, and what is seen, served or moved from there."""
