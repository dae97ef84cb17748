"""Pictures: the only package that knows the Rust extension."""
