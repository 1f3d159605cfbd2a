"""Key -> module, of coordinator_records/group. Written by generate_index.py."""

MODULES: dict[int, str] = {
    1: "offset_commit",
    2: "group_metadata",
}
