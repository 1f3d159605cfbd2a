"""An HTTP interface to the powers over a broker, so that tests in any language have them."""
