"""Features and outcomes of many asks at once: Arrow tables in, Arrow tables out."""
