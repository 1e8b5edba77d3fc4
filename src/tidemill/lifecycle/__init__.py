"""The eight stages; a stage never calls a stage."""
