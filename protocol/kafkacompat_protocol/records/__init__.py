"""Record batches (v2), message sets (v0, v1), control records and compression."""
