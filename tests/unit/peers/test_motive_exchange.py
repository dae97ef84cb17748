"""Words wait for what names them, and go to that alone. Rules C5."""

from dataclasses import replace

from belvedere.domain.disclosures import MotiveTold, MotiveWords
from belvedere.domain.ids import EventId, Pseudonym, ServiceId
from belvedere.peers.motive_exchange import WORDS_KEPT_MAX, MotiveExchange
from tests.unit.changes.small_city import AT, STATE, words

TOLD = MotiveTold(EventId("e-1"), "levee-de-doute", 1, None, None, Pseudonym("cic-7Q2M"), ServiceId("cic"), AT)


def test_of_many_versions_told_at_once_each_finds_its_own_words() -> None:
    exchange = MotiveExchange()
    for number in range(3 * WORDS_KEPT_MAX):
        motive, sector = words(f"motif {number}"), words(f"secteur {number}")
        for said in (motive, sector):
            exchange.words(STATE, MotiveWords(said.text, said.salt.hex()))
        named = replace(TOLD, motive_sha256=motive.sha256, sector_sha256=sector.sha256)
        assert exchange.named(STATE, named) == {motive.sha256: motive, sector.sha256: sector}
        assert exchange.named(STATE, named) == {}, "kept no longer"


def test_words_that_nothing_names_are_not_kept_without_bound() -> None:
    exchange = MotiveExchange()
    for number in range(10 * WORDS_KEPT_MAX):
        exchange.words(STATE, MotiveWords(f"mot {number}", "00" * 32))
    assert len(exchange._words[STATE]) == WORDS_KEPT_MAX
