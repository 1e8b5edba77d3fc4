"""What computes and what acts outside; the only home of compute drivers."""
