"""Key -> module, of coordinator_records/share. Written by generate_index.py."""

MODULES: dict[int, str] = {}
