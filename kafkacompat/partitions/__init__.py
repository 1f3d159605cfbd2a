"""Partitions as the handlers see them: a log, and those who wait for it."""
