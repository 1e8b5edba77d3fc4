"""The gRPC door (its place; not built yet)."""
