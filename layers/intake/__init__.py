"""Files as planners have them, read strictly and brought into a county's folder."""
