#!/usr/bin/env python3
"""The page's colours can be read: text on its ground 4.5 : 1, edges of fields 3 : 1 (WCAG 2.2, 1.4.3 and 1.4.11), light and
dark; and colours stand in one file."""

import pathlib
import re
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "web/src"
TEXTS = ("text", "muted", "accent", "good", "warn", "bad")
GROUNDS = ("ground", "raised")


def luminance(color):
    digits = color.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[at:at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def themes():
    """By their order in the file: light, dark as the system has it, dark by choice, paper (what is not said there is light)."""
    blocks = re.findall(r"\{([^{}]*)\}", (SOURCE / "style/colors.css").read_text("utf-8"))
    light, *others = [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]+)", block)) for block in blocks]
    return [light, *others[:-1], {**light, **others[-1]}]


class ColorsTest(unittest.TestCase):
    def test_there_is_a_light_and_a_dark_theme(self):
        light, dark, chosen_dark, paper = themes()
        self.assertEqual(dark, chosen_dark)
        self.assertEqual(paper, {**light, "raised": "#fff"})
        self.assertEqual(set(light), set(dark))
        self.assertGreater(luminance(light["ground"]), luminance(dark["ground"]))

    def test_contrast_is_measured_as_wcag_says(self):
        self.assertAlmostEqual(contrast("#000", "#fff"), 21)
        self.assertAlmostEqual(contrast("#777777", "#fff"), 4.48, places=2)

    def test_texts_can_be_read(self):
        for theme in themes():
            pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
            pairs += [("on-accent", "accent"), ("on-bad", "bad"), ("text", "flash"), ("ground", "text")]
            pairs += [(text, "flash") for text in ("warn", "bad")]
            for text, ground in pairs:
                self.assertGreaterEqual(contrast(theme[text], theme[ground]), 4.5,
                                        f"{text} {theme[text]} on {ground} {theme[ground]}")

    def test_edges_can_be_seen(self):
        for theme in themes():
            for ground in GROUNDS:
                self.assertGreaterEqual(contrast(theme["edge"], theme[ground]), 3, ground)

    def test_colors_stand_in_one_file(self):
        for path in sorted(SOURCE.rglob("*.css")):
            if path.name != "colors.css":
                found = re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", path.read_text("utf-8"))
                self.assertEqual(found, [], path.name)


if __name__ == "__main__":
    unittest.main()
