"""The web gateway: what participants, coordinating offices and interpreters see. It holds no state of the domain."""
