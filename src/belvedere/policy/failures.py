"""What can be wrong with a convention or a request. A refusal is never one of these."""

from belvedere.domain.failures import Unreadable
from belvedere.domain.untrusted_text import shown


class ConventionError(Unreadable):
    """A convention that cannot be put in force: names the file, the line (from 1) and the article."""

    def __init__(self, message: str, *, path: str, line: int | None = None, article: str | None = None) -> None:
        self.message = message = shown(message)
        self.path = path
        self.line = line
        self.article = article
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}{'' if article is None else f' ({article})'}: {message}")


class BadRequest(Unreadable):
    """A request that is none: names the member that is missing or ill-typed, by its dotted name."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        self.message = message = shown(message)
        super().__init__(f"{field}: {message}")
