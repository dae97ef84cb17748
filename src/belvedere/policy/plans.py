"""A plan: the rules that one kind of request must pass, in their fixed order, and what a pass grants."""

from dataclasses import dataclass

from belvedere.domain.ids import ArticleRef
from belvedere.domain.text import Text
from belvedere.policy.hearing import Rule


@dataclass(frozen=True, slots=True)
class Plan:
    """Rules in order (law, then convention by article); `articles` grant once all are passed.

    A plan without `articles` grants nothing: its last rule must object.
    """

    rules: tuple[Rule, ...]
    articles: tuple[ArticleRef, ...]
    reason: Text
