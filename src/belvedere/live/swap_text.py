"""What follows once a convention's text, or what was told about its term, is durable: the swap, as one."""

from collections.abc import Sequence

from belvedere.live.in_force import TextInForce
from belvedere.live.ports import LivePorts
from belvedere.live.review import Ended, ViewingReview


def swap_text(ports: LivePorts, review: ViewingReview, text: TextInForce, ended: Sequence[Ended]) -> None:
    """Put `text` in force, stop what ended with the former one, and owe everything else another decision."""
    ports.in_force.replace(text)
    review.stop(ended)
    # What was granted under the former text between the commit and the swap is decided again too.
    review.owe(lambda _: True)
    ports.announcer.centre_changed()
    # How many streams a party may have is the text's word too, with or without a stream that ended.
    ports.announcer.streams_changed()
