"""Apache Kafka's wire protocol: messages, headers, records. No I/O, no clock, no logging."""
