"""The MLflow plug-ins (their place; not built yet)."""
