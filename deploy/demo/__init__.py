"""`python -m deploy.demo`: the main job on the running stack, event by event."""
