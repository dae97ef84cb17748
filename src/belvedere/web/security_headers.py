"""The headers that every answer carries, whoever makes it: a route, the guard, or the HTTP protocol below them."""

from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders

PAGE_PATH = "/api/v1/convention/page"
"""Shown inside our own screens, nowhere else."""
_ASSETS = "/assets/"


class SecurityHeaders:
    """Knows the two origins of this node, which stand in its content security policy."""

    def __init__(self, *, app_origin: Callable[[], str], media_origin: Callable[[], str]) -> None:
        self._app_origin = app_origin
        self._media_origin = media_origin

    def put(self, headers: MutableHeaders, path: str) -> None:
        """Put them among the headers of the answer at `path`."""
        headers.update(self.of(path))
        if not path.startswith(_ASSETS):
            headers.setdefault("Cache-Control", "no-store")
        if "Accept-Ranges" in headers:
            headers["Accept-Ranges"] = "none"  # the guard takes every Range away

    def of(self, path: str) -> Mapping[str, str]:
        """Return those of the answer at `path`."""
        media = self._media_origin()
        framed_by = "'self'" if path == PAGE_PATH else "'none'"
        # The convention's page carries its own style sheet, so that it can be printed and kept; no other page does.
        styled_by = "'unsafe-inline'" if path == PAGE_PATH else "'self'"
        headers = {
            "Content-Security-Policy": (
                f"default-src 'none'; object-src 'none'; script-src 'self'; style-src {styled_by}; "
                "img-src 'self' data: blob:; font-src 'self'; media-src 'self' blob:; "
                f"worker-src 'self' blob:; connect-src 'self' {media}; "
                f"frame-src 'self'; frame-ancestors {framed_by}; base-uri 'none'; form-action 'self'"
            ),
            "X-Content-Type-Options": "nosniff",
            # Not "no-referrer": a browser then sends a form of ours with `Origin: null`, which is refused.
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }
        if self._app_origin().startswith("https://"):
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return headers
