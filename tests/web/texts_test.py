#!/usr/bin/env python3
"""The page's words: each is there in both languages, has the same places to fill, and is used; each that is used is there;
no view has words of its own."""

import pathlib
import re
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "web/src"
_ENTRY = re.compile(r'^  (?:"([\w.]+)"|(\w+)):\s*"((?:\\.|[^"\\])*)",$', re.MULTILINE)
_PLACE = re.compile(r"\{(\w+)\}")
# Words between tags: `>Save<`, `>Save {`; not code such as `a > b`.
_WORDS_IN_MARKUP = re.compile(r"(?<!=)>\s*([A-Z][a-z]+(?: [a-z]+)*)\s*[<{]")
_NAMES = {"Keyfold", "Esc"}


def texts(language):
    return {quoted or bare: text for quoted, bare, text in
            _ENTRY.findall((SOURCE / f"texts/{language}.ts").read_text("utf-8"))}


def domain(language):
    return {quoted: text for quoted, _, text in _ENTRY.findall((SOURCE / f"texts/{language}_domain.ts").read_text("utf-8"))}


def sources():
    for path in sorted(SOURCE.rglob("*.ts*")):
        if path.name not in ("en.ts", "de.ts"):
            yield path, path.read_text("utf-8")


class TextsTest(unittest.TestCase):
    def setUp(self):
        self.english, self.german = texts("en"), texts("de")
        self.code = "\n".join(text for _, text in sources())

    def test_there_are_texts(self):
        self.assertGreater(len(self.english), 100)

    def test_both_languages_have_the_same(self):
        self.assertEqual(list(self.english), list(self.german))

    def test_places_and_forms_are_the_same(self):
        for key, text in self.english.items():
            self.assertEqual(set(_PLACE.findall(text)), set(_PLACE.findall(self.german[key])), key)
            self.assertEqual(text.count(" | "), self.german[key].count(" | "), key)

    def test_every_text_is_used(self):
        # "severity.HIGH" may be made of `severity.${…}`.
        made = re.findall(r"`([\w.]+\.)\$\{\w[^}]*\}([\w.]*)`", self.code)
        for key in self.english:
            used = f'"{key}"' in self.code or any(
                key.startswith(begin) and key.endswith(end) for begin, end in made)
            self.assertTrue(used, f"no view says {key}")

    def test_every_text_that_is_used_is_there(self):
        for key in re.findall(r'\bt\("([^"]+)"', self.code):
            self.assertIn(key, self.english)

    def test_the_words_of_the_contract_are_there(self):
        of_no_account = {"clock_advanced", "fx_rate_set", "fx_rate"}
        root = SOURCE.parents[1]
        events = (root / "proto/keyfold/v1/account_event.proto").read_text("utf-8")
        entities = (root / "src/account/entity.cc").read_text("utf-8")
        measures = (root / "src/account/measure.h").read_text("utf-8")
        payloads = re.search(r"oneof payload \{(.*?)\n  \}", events, re.DOTALL)[1]
        names = {"event": re.findall(r"^    \w+ (\w+) = \d+;", payloads, re.MULTILINE),
                 "value": [name for name in re.findall(r"^ +([A-Z][A-Z_]*) = \d+;", events, re.MULTILINE)
                           if not name.endswith("_UNSPECIFIED")],
                 "entity": re.findall(r'^      return "(\w+)";$', entities, re.MULTILINE),
                 "measure": re.findall(r'^  X\(\w+, \d+, "(\w+)"', measures, re.MULTILINE),
                 "reason": re.findall(r'X\(\w+, +"(\w+)"\)', (root / "src/account/without_effect.h").read_text("utf-8"))}
        self.assertEqual(list(domain("en")), list(domain("de")))
        for kind, those in names.items():
            self.assertGreater(len(those), 15, kind)
            self.assertEqual([name for name in those if name not in of_no_account and f"{kind}.{name}" not in domain("en")], [])

    def test_views_have_no_words_of_their_own(self):
        for path, text in sources():
            if path.suffix == ".tsx":
                for words in _WORDS_IN_MARKUP.findall(text):
                    self.assertIn(words, _NAMES, f"{path.name}: words belong into texts/")


if __name__ == "__main__":
    unittest.main()
