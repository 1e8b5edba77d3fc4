"""The loop over past data on a virtual clock: static, retrained at every trigger, and the loop with its gates."""
