"""What a dataset's rows promise, written in a file that people review: the records, reading and writing them."""
