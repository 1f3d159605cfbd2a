"""What clients put into bytes that brokers hand on: each begins with its version."""
