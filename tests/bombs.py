"""Texts that hurt whoever reads them without bounds; every parser of the project is fed each of them (reliability 21)."""

TOML_BOMBS = {
    "a key of 8,000 parts": "a" + ".a" * 8_000 + " = 1",
    "a quoted key of 8,000 parts": '"a"' + ' . "a"' * 8_000 + " = 1",
    "a header of 8,000 parts": "[a" + ".a" * 8_000 + "]",
    "a number of 5,000 digits": "a = " + "9" * 5_000,
    "a number of 200,000 hex digits": "a = 0x" + "f" * 200_000,
    "a list 3,000 deep": "a = " + "[" * 3_000 + "]" * 3_000,
    "a table 3,000 deep": "a = " + "{ a = " * 3_000 + "1" + " }" * 3_000,
    "a list that nothing closes": "a = " + "[" * 100_000,
    "headers, keys and tables that nest deep together": "["
    + "a." * 14
    + "a]\n"
    + "a." * 14
    + "a = {"
    + "a." * 14
    + "a = 1}",
    "a number that no float holds": "a = 1e400",
    "no number": "a = nan",
    "a day that no calendar has": "a = 2026-02-31",
    "a string that nothing closes": 'a = """' + '""\\"' * 50_000,
    "quotes": '"' * 100_000,
    "a key twice": "a = 1\na = 2",
    "a name of 100,000 letters": "a" * 100_000 + " = 1",
}
"""Each is wrong wherever it stands, with or without bounds."""

JSON_BOMBS = {
    "a list 3,000 deep": "[" * 3_000 + "]" * 3_000,
    "an object 3,000 deep": '{"a":' * 3_000 + "1" + "}" * 3_000,
    "a list that nothing closes": "[" * 30_000,
    "a number of 5,000 digits": '{"a": ' + "9" * 5_000 + "}",
    "a fraction of 5,000 digits": '{"a": 0.' + "9" * 5_000 + "}",
    "a string that nothing closes": '{"a": "' + '\\"' * 25_000,
    "nothing but quotes": '"' * 50_000,
    "a list where an object is due": "[]",
    "a number where an object is due": "1",
    "nothing": "",
}

JSON_OF_NO_JSON = {
    "a number that no float holds": '{"a": 1e400}',
    "no number": '{"a": NaN}',
}
"""What Python's reader takes and JSON does not have."""

XML_BOMBS = {
    "a billion laughs": '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "'
    + "&b;" * 20
    + '"><!ENTITY d "'
    + "&c;" * 20
    + '">]><a>&d;</a>',
    "one long entity, many times": f'<!DOCTYPE a [<!ENTITY b "{"x" * 50_000}">]><a>{"&b;" * 1_000}</a>',
    "a file of the machine": '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "an address": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % b SYSTEM "http://127.0.0.1:9/"> %b;]><a/>',
    "an entity that nobody defined": "<a>&b;</a>",
    "elements 3,000 deep": "<a>" * 3_000 + "</a>" * 3_000,
    "elements that nothing closes": "<a>" * 80_000,
    "an attribute twice": '<a b="1" b="2"/>',
    "quotes that nothing closes": '<a b="' + "x" * 200_000,
    "two roots": "<a/><b/>",
    "a comment that nothing closes": "<a><!--" + "-x" * 100_000,
    "an encoding that nobody knows": '<?xml version="1.0" encoding="zlib"?><a/>',
    "no XML": '{"a": 1}',
    "nothing": "",
    "more than is read": "<a>" + "x" * 300_000 + "</a>",
}
"""Each is wrong for a reader that takes no DOCTYPE and no more than 256 KiB."""
