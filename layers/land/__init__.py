"""Land: classes, rules, surveys, and the fabric of parcels."""
