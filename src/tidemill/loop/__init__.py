"""What turns the mill: pure decisions, and the acts that carry them out."""
