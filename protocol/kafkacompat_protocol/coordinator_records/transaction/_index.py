"""Key -> module, of coordinator_records/transaction. Written by generate_index.py."""

MODULES: dict[int, str] = {
    0: "transaction_log",
}
