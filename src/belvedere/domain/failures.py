"""Failures that more than one package must know. A refusal is never one of them."""


class NotRecorded(Exception):
    """A record could not be made durable in time; nothing may follow from it (reliability 9, 10)."""


class NotRead(Exception):
    """What is kept could not be read now; the question can be asked again (reliability 25)."""


class TooManyAtOnce(Exception):
    """More ask at once than may wait; the question can be asked again (reliability 25)."""


class Unreadable(Exception):
    """Input from outside that cannot be read; the message names the place and what lacks."""


class NoPicture(Exception):
    """The relay can't serve this camera or viewing now; what was opened for it is ended and said."""
