"""The first look at any table: what leaks, what a model is worth in time order, how it ages, what a loop would do."""
