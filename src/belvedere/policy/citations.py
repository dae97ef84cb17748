"""How texts are cited: in one order, and in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from belvedere.domain.ids import ArticleRef
from belvedere.domain.text import Text
from belvedere.policy.law import LAW_ORDER

_CODES = {
    "csi": Text("CSI", "CSI"),
    "cpp": Text("CPP", "CPP"),
    "route": Text("Code de la route", "Code de la route"),
    "travail": Text("Code du travail", "Code du travail"),
    "arrete": Text("arrêté", "order"),
}


@dataclass(frozen=True, slots=True)
class Citations:
    """The articles of one convention, in order, by the names that clauses cite."""

    convention: str
    articles: Mapping[str, Text]

    def knows(self, cite: str) -> bool:
        """Tell whether `cite` is an article of the convention or a known text of law."""
        return cite in LAW_ORDER if ":" in cite else cite in self.articles

    def ref(self, cite: str) -> ArticleRef:
        """Return `art-3` as `<convention>:art-3`; a text of law stays as it is."""
        return ArticleRef(cite if ":" in cite else f"{self.convention}:{cite}")

    def refs(self, *groups: tuple[str, ...]) -> tuple[ArticleRef, ...]:
        """Return the cites of all groups once each: law first, then the convention by article."""
        cites = {cite for group in groups for cite in group}
        return tuple(self.ref(cite) for cite in sorted(cites, key=self.place))

    def place(self, cite: str) -> tuple[int, int]:
        """Return where `cite` stands in the one order."""
        if ":" in cite:
            return (0, LAW_ORDER.index(cite))
        return (1, list(self.articles).index(cite))

    def in_words(self, refs: tuple[ArticleRef, ...]) -> Text:
        """Return `refs` as people write them: `article 3, délibération ; CSI L252-3`."""
        named = [self._name(ref) for ref in refs]
        return Text(", ".join(each.fr for each in named), ", ".join(each.en for each in named))

    def _name(self, ref: ArticleRef) -> Text:
        code, _, article = ref.partition(":")
        if code == self.convention:
            if article.startswith("art-"):
                number = article.removeprefix("art-")
                return Text(f"article {number}", f"article {number}")
            return {
                "preamble": Text("préambule", "preamble"),
                "deliberation": Text("délibération", "deliberation"),
            }.get(article, Text(article, article))
        prefix = _CODES[code]
        return Text(f"{prefix.fr} {article}", f"{prefix.en} {article}")
