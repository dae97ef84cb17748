"""What a person reads as a rule is one, and what is a rule can be read: nothing in Markdown drops or hides a clause."""

import pytest

from belvedere.policy.failures import ConventionError
from belvedere.policy.loading import read_convention
from tests.conventions import small_text

RULE = f'{small_text.EVENT}\ncites = ["art-1"]\nrows = ["A5"]'
BLOCK = f"```toml clause\n{RULE}\n```\n"
TEXT = small_text.small(small_text.EVENT)
DROPPED = {
    "a fence one space in, under a reason": "non-executable: rien.\n " + BLOCK.replace("\n```\n", "\n ```\n"),
    "a fence of tildes under a reason": f"non-executable: rien.\n~~~toml clause\n{RULE}\n~~~\n",
    "code by its four spaces": "\n" + "".join(f"    {line}\n" for line in RULE.splitlines()),
    "a quotation": "".join(f"> {line}\n" for line in RULE.splitlines()),
}
HIDDEN = {
    "a comment that begins in a reason": f"non-executable: rien. <!--\n{BLOCK}-->\n",
    "a comment that begins in a heading": f"## Encore <!-- {{#art-1-b}}\n{BLOCK}-->\n",
    "a comment that begins in a table": f"| situation <!-- | quand | réponse | parce que |\n{BLOCK}-->\n",
    "lines that end for Python alone": f"rien {BLOCK}".replace("\n", "\x0b") + "\n",
    "a comment of TOML that ends for Python alone": BLOCK.replace("motive =", "# rien\u2028motive ="),
    "letters turned round": BLOCK.replace("motive =", "# \u202e rien\nmotive ="),
}


def test_a_text_whose_rules_stand_in_blocks_is_read() -> None:
    assert BLOCK in TEXT
    assert any(clause.KIND == "event-required" for clause in read_convention(TEXT.encode()).clauses)


@pytest.mark.parametrize("how", DROPPED)
def test_a_rule_that_would_be_passed_over_keeps_the_text_out(how: str) -> None:
    with pytest.raises(ConventionError, match=r"\d+ \(art-1\)"):
        read_convention(TEXT.replace(BLOCK, DROPPED[how]).encode())


@pytest.mark.parametrize("how", HIDDEN)
def test_a_rule_that_nobody_would_see_keeps_the_text_out(how: str) -> None:
    with pytest.raises(ConventionError, match=r"\d+ \(art-1\)"):
        read_convention(TEXT.replace(BLOCK, HIDDEN[how]).encode())
