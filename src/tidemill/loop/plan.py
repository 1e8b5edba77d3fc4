"""Decides which stages a run needs, and on which inputs."""
