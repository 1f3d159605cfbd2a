"""KRaft's records, kept in __cluster_metadata."""
