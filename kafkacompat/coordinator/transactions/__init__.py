"""Transactions: who is in one, with which partitions, and how it ends. Spec: KIP-98, KIP-890."""
