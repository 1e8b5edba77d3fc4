"""What is worth a person's eye in a table: from its columns to findings, without any I/O."""
