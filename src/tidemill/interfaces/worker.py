"""One serving process: argv in, answers out."""
