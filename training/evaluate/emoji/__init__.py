"""The judges of the emoji world: what to ask a model for, and what of it its pictures and clips show."""
