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
        pills = {text_of(e) for e in item.iter(XHTML + "span")}
        assert ("int16" in pills) == (layer["type"] == "int16"), pills
        assert ("dynamic" in pills) == layer.get("dynamic", False), pills
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


def section(root, name):
    found = [e for e in root.iter(XHTML + "section") if e.get("id") == name]
    assert len(found) <= 1
    return found[0] if found else None


def rows_of(table):
    return [[text_of(cell) for cell in row] for row in table.find(XHTML + "tbody")]


def check_weights(root, facts):
    found = section(root, "weights")
    assert (found is not None) == ("weights" in facts)
    if found is None:
        return
    rows = rows_of(next(found.iter(XHTML + "table")))
    assert len(rows) == len(facts["weights"])
    for row, layer in zip(rows, facts["weights"]):
        assert row[0].startswith(layer["kind"] + ", " + layer["form"]), row
        assert row[1].replace(",", "") == str(layer["weights"]), row
        assert row[2].replace(",", "") == str(layer["stored"]), row
        assert row[3] == "%.1f %%" % (100 * layer["zeros"] / layer["weights"]), row
        if "sqnr_db" in layer:
            assert row[4] == decibels(layer["sqnr_db"], 1), row
    total = [text_of(e) for e in next(found.iter(XHTML + "tfoot")).iter(XHTML + "td")]
    assert total[2].replace(",", "") == str(sum(f["stored"] for f in facts["weights"])), total


def check_precision(root, facts):
    found = section(root, "precision")
    assert (found is not None) == ("precision" in facts)
    if found is None:
        return
    precision = facts["precision"]
    tables = [rows_of(e) for e in found.iter(XHTML + "table")]
    if precision["tries"]:
        rows = tables.pop(0)
        assert len(rows) == len(precision["tries"])
        for row, tried in zip(rows, precision["tries"]):
            assert row[0] == str(tried["layers"]), row
            if tried["score"] is not None:
                assert row[1].startswith("%.2f " % tried["score"]), row
            verdict = "met" if tried["met"] else "missed"
            assert row[3] == verdict + ("taken" if tried["taken"] else ""), row
        assert sum(tried["taken"] for tried in precision["tries"]) == 1
    rows = tables.pop(0) if precision["layers"] else []
    assert len(rows) == len(precision["layers"]) and not tables
    for row, layer in zip(rows, precision["layers"]):
        expected = "asked for"
        if "sqnr_db_in_int8" in layer:
            expected = decibels(layer["sqnr_db_in_int8"], 1)
        assert row[2] == expected, (row, layer)


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
    check_weights(root, facts)
    check_precision(root, facts)
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
