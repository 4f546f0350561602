"""What QGIS needs to show a run as its page does."""
