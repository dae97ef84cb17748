"""What a simulated camera does otherwise than ONVIF says, each by a switch; the page of cameras says what each is for."""

from enum import StrEnum


class Quirk(StrEnum):
    """One misbehaviour; several may be switched on."""

    IGNORES_TIMEOUT = "P01"
    """Turns until it is stopped, whatever time it is given, and whatever its own default."""
    NO_STOP = "P02"
    """Answers Stop with the fault that it is not supported."""
    STOP_WITHOUT_EFFECT = "P03"
    """Answers Stop with success and goes on turning."""
    STOPS_UNADDRESSED_ONLY = "P04"
    """Stops only where the header carries no WS-Addressing action."""
    STOPS_ADDRESSED_ONLY = "P04b"
    """Stops only where it does."""
    STOP_NEEDS_FLAGS = "P05"
    """Stops only the axes that are named."""
    REFUSES_TIMEOUT = "P07"
    """Refuses the time of a movement as a field that it does not know, and ends no movement by itself."""
    TIMEOUT_RANGE = "P08"
    """Takes 1 to 10 s, and faults on anything else."""
    NO_TIMEOUT_RANGE = "P08-0"
    """Declares 0 to 0 s, and faults on any time."""
    STATUS_WAITS = "P08b"
    """Answers GetStatus only once the movement is over."""
    NO_ZOOM = "P09"
    """Has no zoom and no presets, and faults on either."""
    ONE_AXIS = "P10"
    """Turns one axis at a time, at one speed."""
    UPSIDE_DOWN = "P15"
    """Hangs from a ceiling: left is right and up is down."""
    WRONG_CLOCK = "P16"
    """Is half a year behind."""
    DIGEST_FOR_PTZ = "P17"
    """Takes HTTP Digest with qop for PTZ and no UsernameToken; for its other services a UsernameToken alone."""
    OTHER_HOST = "P18"
    """Names another host in every address that it gives."""
    UNDECLARED_PREFIXES = "P19"
    """Answers with prefixes that nothing declares."""
    SLOW = "P20"
    """Takes one request after another, 250 ms each."""
    NO_POSITION = "no-position"
    """Tells neither position nor movement."""
    UNSTOPPABLE = "unstoppable"
    """Answers every command with success and turns on."""
    FAULT_UNDER_200 = "fault-under-200"
    """Answers every movement with a fault, under status 200."""
    XML_BOMB = "xml-bomb"
    ENDLESS = "400-mb"
    """Answers with 400 MB."""
    TRICKLE = "byte-a-second"
    """Answers a byte a second."""
    SILENT = "silent"
    """Takes what it is sent, and answers nothing."""
    HANGS_UP = "hangs-up"
    """Closes the connection in the place of an answer."""
    REDIRECTS = "redirects"
    """Answers with a redirect to another host."""
    NO_XML = "no-xml"
    """Answers with a page for people."""


def quirks_of(names: list[str]) -> frozenset[Quirk]:
    """Return the quirks of these names; raises `ValueError` naming the one that is none."""
    known = {quirk.value: quirk for quirk in Quirk}
    for name in names:
        if name not in known:
            raise ValueError(f"`{name[:40]}` is no quirk; there are {', '.join(known)}")
    return frozenset(known[name] for name in names)
