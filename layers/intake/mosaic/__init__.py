"""One raster of several sources: laid by preference, seams measured, coverage never lost."""
