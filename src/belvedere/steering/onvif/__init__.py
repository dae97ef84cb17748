"""ONVIF as we speak it: a dozen messages of our own over HTTP (decision 0035)."""
