"""Facts as something to read: HTML files, markdown, the terminal."""
