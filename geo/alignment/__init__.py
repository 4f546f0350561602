"""Roads in plan, profile and section: searched, fitted, measured and checked."""
