"""Results as pages and styled GIS files; no analysis."""
