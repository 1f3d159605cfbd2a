"""Keys and values kept in __consumer_offsets and its sisters."""
