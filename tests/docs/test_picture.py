from xml.etree import ElementTree

from scripts.docs.picture import plan_picture
from tests.unit.studies.plan.reports import plan_report


def test_the_picture_is_an_svg_that_needs_nothing_else() -> None:
    svg = plan_picture(plan_report())
    texts = [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert "two-regions" in texts
    assert "✘ NO-GO" in [text and text.replace("\N{NO-BREAK SPACE}", " ") for text in texts]
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_every_text_lies_inside_the_picture() -> None:
    root = ElementTree.fromstring(plan_picture(plan_report()))
    width = float(root.attrib["viewBox"].split()[2])
    for element in root.iter("{http://www.w3.org/2000/svg}text"):
        assert float(element.attrib["x"]) + float(element.attrib["textLength"]) <= width
