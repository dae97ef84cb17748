"""What the load client says of itself, and the files from which it reads it."""

from pathlib import Path

ORIGIN = "http://room.example"
COOKIE = "city"
SESSION = "a-bench-session"


def headers_file(folder: Path) -> Path:
    """Write the request headers of a viewer and return the file."""
    file = folder / "headers"
    file.write_bytes(f"Origin: {ORIGIN}\r\nCookie: {COOKIE}={SESSION}\r\n".encode())
    return file
