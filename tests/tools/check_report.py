#!/usr/bin/env python3
"""Holds a report of `quaver ... --report` to its promises, and prints the facts that it carries.

    check_report.py PAGE.html

The page is well-formed XML and HTML, loads nothing, has each layer once, and shows the numbers of
its facts.
"""
import html.parser
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

XHTML = "{http://www.w3.org/1999/xhtml}"


class Structure(html.parser.HTMLParser):
    """What an HTML parser, not an XML one, makes of the page."""

    def __init__(self):
        super().__init__()
        self.open, self.scripts, self.references = [], 0, []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta",):
            self.open.append(tag)
        self.scripts += tag == "script"
        self.references += [value for key, value in attributes if key in ("src", "href")]
        names = [key for key, _ in attributes]
        assert not any(name.startswith("on") for name in names), (tag, names)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in ("meta",):
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()


def text_of(element):
    return "".join(element.itertext())


def decibels(value, cosine):
    if value is None:
        return "equal" if cosine > 0.5 else "-∞ dB"
    return "%.1f dB" % value


def check_layers(root, facts):
    items = [e for e in root.iter(XHTML + "li") if e.get("class", "").startswith("layer")]
    assert [int(e.get("data-index")) for e in items] == [f["index"] for f in facts["layers"]]
    assert len({e.get("id") for e in items}) == len(items)
    for item, layer in zip(items, facts["layers"]):
        values = [text_of(e) for e in item.iter(XHTML + "dd")]
        assert values[0] == decibels(layer["sqnr_db"], layer["cosine"]), (values, layer)
        assert values[1] == "%.6f" % layer["cosine"], (values, layer)
        assert values[2] == "%.4g" % layer["max_error"], (values, layer)
        titles = [e.get("title") for e in item.iter(XHTML + "p")]
        cleaned = re.sub("[\x00-\x08\x0b-\x1f\x7f]", "\ufffd", layer["tensor"])
        assert titles == [cleaned], (titles, layer["tensor"])
        captions = [text_of(e) for e in item.iter(XHTML + "figcaption")]
        assert "values %.4g to %.4g" % (
            layer["activations"]["low"], layer["activations"]["high"]) in captions[0]
        assert ("weights" in layer) == (len(captions) == 2), captions
    bars = [e for e in root.iter(XHTML + "a") if e.get("href", "").startswith("#layer-")]
    assert len(bars) == len(items)
    worst = [e for e in bars if "worst" in e.get("class", "")]
    finite = [f["sqnr_db"] for f in facts["layers"] if f["sqnr_db"] is not None]
    assert len(worst) == (1 if finite else 0)
    if finite:
        assert decibels(min(finite), 1) in text_of(worst[0])


def check_memory(root, facts):
    maps = [e for e in root.iter(XHTML + "svg") if e.get("class") == "map"]
    assert len(maps) == ("memory" in facts)
    if not maps:
        return
    kinds = {"input", "output", "activation", "state", "scratch"}
    drawn = [e for e in maps[0].iter(XHTML + "rect") if e.get("class") in kinds]
    assert len(drawn) == len(facts["memory"]["blocks"])
    for rectangle, block in zip(drawn, facts["memory"]["blocks"]):
        title = text_of(rectangle).replace(",", "")
        assert "%d bytes at %d" % (block["bytes"], block["offset"]) in title, (title, block)
        assert rectangle.get("class") == block["kind"]


def main(path):
    with open(path, encoding="utf-8") as file:
        page = file.read()
    root = ElementTree.fromstring(page)
    structure = Structure()
    structure.feed(page)
    assert not structure.open, structure.open
    assert structure.scripts == 2, "the facts, and the script that sorts"
    assert all(reference.startswith("#") for reference in structure.references)
    assert "url(" not in page and "@import" not in page
    scripts = list(root.iter(XHTML + "script"))
    facts = json.loads(scripts[0].text)
    check_layers(root, facts)
    check_memory(root, facts)
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
