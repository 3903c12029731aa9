"""Planning processes that misbehave."""
