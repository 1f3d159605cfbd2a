"""Key -> module, of coordinator_records/share. Written by generate_index.py."""

MODULES: dict[int, str] = {
    0: "share_snapshot",
    1: "share_update",
}
