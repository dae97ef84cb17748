"""The built screens: hashed assets as files, every other page the same document."""

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from belvedere.web.problems import not_found

router = APIRouter(include_in_schema=False)
STATIC_DIR = Path(__file__).parent / "static"
"""Where the build puts the screens."""


class Screens:
    """The files of one folder, looked up by name, so that no name that is asked for ever reaches the file system."""

    def __init__(self, folder: Path) -> None:
        self.index = folder / "index.html"
        self.files = {file.name: file for file in folder.glob("*") if file.is_file()}


@router.get("/{page:path}")
async def page(page: str, request: Request) -> Response:
    """Return a file of the screens, or their one document."""
    screens: Screens = request.app.state.screens
    top = page.split("/", maxsplit=1)[0]
    if top == "api" or not screens.index.is_file():
        raise not_found()
    return FileResponse(screens.files.get(page, screens.index))


def serve_screens(app: FastAPI, folder: Path) -> None:
    """Serve the screens last: what no route before takes is a page."""
    app.state.screens = Screens(folder)
    if (folder / "assets").is_dir():
        app.mount("/assets", StaticFiles(directory=folder / "assets"), name="assets")
    app.include_router(router)
