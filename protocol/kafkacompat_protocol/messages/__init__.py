"""One module per API key: its request and response, all versions."""
