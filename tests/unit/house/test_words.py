"""Words: the glossary is bilingual, screens use the field's words, and names mean something."""

import ast
import re

from tests.unit.house.tree import ROOT, kept_files, parsed, python_files

EMPTY_NAMES = re.compile(r"manager|utils?\b|helper|_misc|common_", re.IGNORECASE)
MACHINE_ROOM = re.compile(r"\b(?:merkle|checkpoint|fencing|lease|debt|token|jeton|bail)\b", re.IGNORECASE)


def _rows() -> list[list[str]]:
    lines = [line for line in (ROOT / "GLOSSARY.md").read_text().splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_each_word_of_the_glossary_stands_in_both_languages() -> None:
    rows = _rows()
    assert len(rows) > 30
    assert [row for row in rows if len(row) != 4 or not all(row)] == []


def test_no_word_stands_twice_in_the_glossary() -> None:
    words = [row[0] for row in _rows()]
    assert len(words) == len(set(words))


def test_the_glossary_never_puts_machine_words_on_screen() -> None:
    assert [row for row in _rows() if MACHINE_ROOM.search(row[2])] == []


def test_screens_use_the_words_of_the_field() -> None:
    spoken = [
        path for path in kept_files() if path.is_relative_to("frontend/src/i18n") and path.name in {"fr.ts", "en.ts"}
    ]
    assert len(spoken) == 2
    for path in spoken:
        strings = re.findall(r'"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`', (ROOT / path).read_text())
        offenders = [text for pair in strings for text in pair if " " in text and MACHINE_ROOM.search(text)]
        assert offenders == [], path


def test_screens_never_say_any() -> None:
    offenders = [
        f"{path}:{number}"
        for path in kept_files()
        if path.is_relative_to("frontend/src") and path.suffix in {".ts", ".svelte"} and path.name != "schema.d.ts"
        for number, line in enumerate((ROOT / path).read_text().splitlines(), start=1)
        if re.search(r":\s*any\b|\bas any\b|<any>|any\[\]", line)
    ]
    assert offenders == []


def test_what_people_type_is_kept_apart_from_what_stands_beside_it_on_screens() -> None:
    """A mark of direction in a motive must not turn the words after it around (reliability 20)."""
    typed = re.compile(r"\{[^{}]*\b(?:event|suspension|varied|note)\.(?:motive|dispatch_number|reason|words)\b[^{}]*\}")
    shown, bare = 0, []
    for path in kept_files():
        if not path.is_relative_to("frontend/src") or path.suffix != ".svelte":
            continue
        template = (ROOT / path).read_text().split("</script>")[-1]
        for found in typed.finditer(template):
            if found[0].startswith(("{#", "{:")):
                continue
            shown += 1
            if not template[: found.start()].endswith("<bdi>"):
                bare.append(f"{path}: {found[0]}")
    assert shown >= 10
    assert bare == []


def test_no_module_or_class_is_named_after_nothing() -> None:
    offenders = []
    for path in python_files():
        names = [path.stem, *(node.name for node in ast.walk(parsed(path)) if isinstance(node, ast.ClassDef))]
        offenders += [f"{path}: {name}" for name in names if EMPTY_NAMES.search(name)]
    assert offenders == []


def test_every_message_has_both_languages() -> None:
    offenders = []
    for path in python_files("src/belvedere"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
                given = {keyword.arg for keyword in node.keywords}
                empty = [
                    keyword.arg
                    for keyword in node.keywords
                    if isinstance(keyword.value, ast.Constant) and not str(keyword.value.value).strip()
                ]
                if (len(node.args) + len(given) < 2 and None not in given) or empty:
                    offenders.append(f"{path}:{node.lineno}")
    assert offenders == []
