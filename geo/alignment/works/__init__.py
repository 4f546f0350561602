"""What a road is built of: cross-sections, earthwork, stations and their tables."""
