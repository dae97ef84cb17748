"""A decision as the API spells it in JSON (api, A decision)."""

from typing import assert_never

from belvedere.domain.clock import Instant
from belvedere.domain.decision import Decision, Granted, Pending, Refused
from belvedere.domain.text import Language, Text
from belvedere.domain.vocabulary import Verdict

Answer = dict[str, object]


def verdict_of(decision: Decision) -> Verdict:
    """Return the one word of a decision."""
    match decision:
        case Granted():
            return Verdict.GRANTED
        case Refused():
            return Verdict.REFUSED
        case Pending():
            return Verdict.PENDING
        case _:
            assert_never(decision)


def decision_json(decision: Decision, language: Language = Language.FR) -> Answer:
    """Return the answer's members; instants are RFC 3339 in the convention's zone, sentences in `language`."""
    answer: Answer = {
        "verdict": verdict_of(decision).value,
        "articles": list(decision.articles),
        "obligations": [],
        "valid_until": _written(decision.valid_until),
        "reason": decision.reason.in_language(language),
        "remedy": None,
        "preempts": [],
    }
    match decision:
        case Granted():
            answer["obligations"] = [
                {"kind": each.kind.value, "due": _written(each.due)} for each in decision.obligations
            ]
            answer["preempts"] = list(decision.preempts)
        case Refused():
            answer["remedy"] = _sentence(decision.remedy, language)
            answer["cause"] = decision.cause.value
        case Pending():
            answer["remedy"] = _sentence(decision.remedy, language)
        case _:
            assert_never(decision)
    answer["facts"] = dict(decision.facts)
    return answer


def _written(instant: Instant | None) -> str | None:
    return None if instant is None else instant.isoformat()


def _sentence(text: Text | None, language: Language) -> str | None:
    return None if text is None else text.in_language(language)
