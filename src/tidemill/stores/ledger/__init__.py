"""Backends of the ledger port."""
