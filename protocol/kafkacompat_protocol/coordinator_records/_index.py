"""Key -> module of coordinator_records, as `kafkacompat_protocol.generate_index` writes it."""

MODULES: dict[int, str] = {
    1: "offset_commit",
    2: "group_metadata",
}
