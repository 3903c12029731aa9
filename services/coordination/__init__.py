"""Coordination: the municipal streams, and what the coordinating offices see and decide."""
