"""Compaction: of every key the newest value stays, at its offset."""
