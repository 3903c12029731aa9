"""Interpreters, their offers and assignments, and what they are paid by the rules of the funding pots."""
