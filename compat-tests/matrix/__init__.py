"""Programs over clients of others, each against a fresh broker: `make compat`."""
