"""Reads a page from standard input and writes what is wrong with it, a line a fault.

html5lib says whether it is HTML as browsers read it; Python's html.parser, whether every element is closed and nothing in it fetches or runs.
"""
import html.parser
import re
import sys

import html5lib

VOID = {"meta", "br", "hr", "img", "link", "input", "col", "area", "base", "embed", "source", "track", "wbr"}
FORBIDDEN = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "foreignobject", "image", "use", "a"}
# A reference within the page itself is none.
FETCHING = {"src", "href", "xlink:href", "srcset", "data", "poster", "action", "background", "style"}


class Check(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.references, self.faults = [], set(), [], []
        self.headings, self.rows, self.seen, self.css = [], [], [], ""

    def fault(self, text):
        self.faults.append("%d:%d: %s" % (*self.getpos(), text))

    def handle_starttag(self, tag, attributes):
        self.seen.append(tag)
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.fault("<%s> has an attribute twice" % tag)
        if tag in FORBIDDEN:
            self.fault("<%s> has no place in a report" % tag)
        for name, value in attributes:
            if name.startswith("on"):
                self.fault("<%s> has the handler %s" % (tag, name))
            if name in FETCHING:
                self.fault("<%s> could fetch by %s=%r" % (tag, name, value))
            if "url(" in (value or "").replace("url(#", ""):
                self.fault("<%s> could fetch by %s=%r" % (tag, name, value))
            self.references += [(self.getpos(), id) for id in re.findall(r"url\(#([^)]*)\)", value or "")]
            if name == "id":
                if value in self.ids:
                    self.fault("id %r twice" % value)
                self.ids.add(value)
            if name == "aria-labelledby":
                self.references += [(self.getpos(), id) for id in value.split()]
        given = dict(attributes)
        if tag == "th" and given.get("scope") not in {"col", "row", "rowgroup"}:
            self.fault("<th> without a scope")
        if tag == "svg" and given.get("aria-hidden") != "true" and given.get("role") != "img":
            self.fault("<svg> that is neither hidden nor an image")
        if tag == "table":
            self.columns = None
            self.caption = False
        if tag == "caption":
            self.caption = True
        if tag == "thead" and not self.caption:
            self.fault("<table> without a caption")
        if tag == "tr":
            self.cells = 0
        if tag in {"td", "th"}:
            self.cells += int(given.get("colspan", "1"))
        if tag in {"h1", "h2", "h3"}:
            level = int(tag[1])
            if level > (self.headings[-1] if self.headings else 0) + 1:
                self.fault("<%s> skips a level" % tag)
            self.headings.append(level)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.fault("</%s> closes nothing; open are %s" % (tag, " ".join(self.open)))
        else:
            self.open.pop()
        if tag == "tr":
            if self.columns is None:
                self.columns = self.cells
            elif self.cells != self.columns:
                self.fault("a row of %d cells in a table of %d columns" % (self.cells, self.columns))

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.css += data
        elif "\ufffd" not in data and any(ord(c) < 32 and c not in "\n\t" for c in data):
            self.fault("a control character")

    def finish(self):
        self.close()
        if self.open:
            self.fault("never closed: %s" % " ".join(self.open))
        for place, id in self.references:
            if id not in self.ids:
                self.faults.append("%d:%d: nothing has the id %r" % (*place, id))
        if self.headings.count(1) != 1:
            self.fault("not one <h1>")
        for word in ("url(", "@import", "http:", "https:"):
            if word in self.css:
                self.fault("the style could fetch: %s" % word)
        for tag in ("html", "head", "title", "body", "main"):
            if self.seen.count(tag) != 1 and tag != "title":
                self.fault("not one <%s>" % tag)
        return self.faults


page = sys.stdin.buffer.read().decode("utf-8")
check = Check()
check.feed(page)
faults = check.finish()
parser = html5lib.HTMLParser()
parser.parse(page)
for place, code, data in parser.errors:
    faults.append("%d:%d: %s" % (*place, html5lib.constants.E[code] % data))
sys.stdout.write("\n".join(faults))
