"""What a team declares: frozen records without I/O, parsed once at the door."""
