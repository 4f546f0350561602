"""Certificates of locations: values (`values`), prices (`pricing`), plans, shapes, the verifier."""
