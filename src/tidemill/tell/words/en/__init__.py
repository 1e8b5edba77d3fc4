"""The words in English, one file per family of codes."""
