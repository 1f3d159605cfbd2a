"""Check a message against the bytes that another program wrote for it."""

from kafkacompat_protocol.codec import decode, encode


def assert_encoded(value: object, version: int, expected: str) -> None:
    """Check that `value` is encoded as `expected` (hex, spaces allowed) and decoded from it."""
    data = bytes.fromhex(expected)
    assert encode(value, version).hex() == data.hex()
    assert decode(type(value), version, data) == value
