"""The file by which accounts and stations enter a node: JSON, `{"accounts": […], "stations": […]}`; read strictly."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from belvedere.agents.enrolment import AccountToEnrol, StationToEnrol
from belvedere.agents.password_rules import BYTES_MAX, LENGTH_MIN
from belvedere.domain.failures import Unreadable
from belvedere.domain.untrusted_text import YEARS, BadText, read_json, shown
from belvedere.domain.vocabulary import Role

FILE_BYTES_MAX = 16 * 1024 * 1024
_Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]
"""Words on one line: no control characters."""
_Day = Annotated[date, Field(ge=date(YEARS[0], 1, 1), le=date(YEARS[-1], 12, 31))]
_Party = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]


class _Account(BaseModel):
    model_config = ConfigDict(extra="forbid")
    login: Annotated[str, Field(pattern=r"^[a-z0-9._-]{3,64}$")]
    password: Annotated[str, Field(min_length=LENGTH_MIN, max_length=BYTES_MAX)] | None = None
    label: Annotated[_Words, Field(max_length=100)]
    party: _Party
    service: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    role: Role
    habilitated_by: _Words | None = None
    habilitated_since: _Day | None = None
    habilitated_until: _Day | None = None
    pin: Annotated[str, Field(pattern=r"^[0-9]{6,12}$")] | None = None


class _Station(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
    party: _Party
    label: Annotated[_Words, Field(max_length=100)]
    secret: Annotated[str, Field(min_length=16, max_length=200)] | None = None
    service: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")] | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    accounts: Annotated[list[_Account], Field(max_length=100_000)] = []
    stations: Annotated[list[_Station], Field(max_length=100_000)] = []


def read_enrolment(content: bytes, *, name: str) -> tuple[Sequence[AccountToEnrol], Sequence[StationToEnrol]]:
    """Return what a file enrols; raises `Unreadable` naming each member that is wrong, never its value."""
    try:
        given = _File.model_validate(read_json(content))
    except BadText as error:
        raise Unreadable(f"{name}: {error}") from None
    except ValidationError as error:
        found = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
            for each in error.errors(include_input=False)
        )
        raise Unreadable(f"{name}: {shown(found)}") from None
    return (
        [AccountToEnrol(**account.model_dump()) for account in given.accounts],
        [StationToEnrol(**station.model_dump()) for station in given.stations],
    )
