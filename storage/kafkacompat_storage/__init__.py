"""Partition logs in Apache Kafka's file formats. Knows batches, knows no API message."""
