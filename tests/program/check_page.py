"""check_page.py PAGE [TEXT...]: a page of `atoms report` is well-formed, loads nothing, runs nothing, and shows each TEXT."""
import html.parser
import re
import sys

VOID = {"meta", "br", "hr", "img", "input", "link"}
ALLOWED = set(
    "html head meta title style body header h1 h2 h3 p code table caption thead tbody tr th td a nav ul li main section div dl dt dd figure svg g path rect "
    "polygon circle text tspan figcaption details summary bdi em strong sub footer".split()
)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.faults, self.text, self.pictures = [], [], [], [], [], 0

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag not in ALLOWED:
            self.faults.append(f"<{tag}>")
        if len(values) != len(attributes):
            self.faults.append(f"an attribute twice in <{tag}>")
        for name, value in attributes:
            if name.startswith("on") or name in ("src", "srcset", "data", "action", "style", "xlink:href"):
                self.faults.append(f"{name} in <{tag}>")
            if name == "id":
                self.ids.append(value)
            if name == "href":
                self.links.append(value)
            if name in ("aria-labelledby",):
                self.links.append("#" + value)
        if tag == "svg":
            self.pictures += 1
            if values.get("role") != "img" or not values.get("aria-label") or not values.get("viewbox"):
                self.faults.append("a picture without role, name or box")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


source = open(sys.argv[1], encoding="utf-8").read()
page = Page()
page.feed(source)
page.close()
if page.open:
    page.faults.append(f"not closed: {page.open}")
if len(set(page.ids)) != len(page.ids):
    page.faults.append(f"an id twice: {sorted(i for i in page.ids if page.ids.count(i) > 1)}")
page.faults += [f"the link {link} leads nowhere" for link in page.links if link[:1] != "#" or link[1:] not in page.ids]
page.faults += [f"'{word}' in the page" for word in ("http:", "https:", "<script", "@import", "url(", "nan", "inf ") if word in source]
page.faults += ["a stand-in colour is left"] if re.search(r"rgb\(254, *0,", source) else []
text = "".join(page.text)
page.faults += [f"no '{word}' in the text" for word in sys.argv[2:] if word not in text]
for fault in page.faults:
    print(fault)
print(f"{page.pictures} pictures, {len(page.ids)} ids, {len(page.links)} links, {len(page.faults)} faults")
sys.exit(bool(page.faults) or page.pictures == 0 or len(page.links) < 10)
