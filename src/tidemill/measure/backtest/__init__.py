"""What a recipe would have been worth over past rows: trained once, or again and again, however old it is."""
