"""Numbers about data and models; numpy at most, no I/O."""
