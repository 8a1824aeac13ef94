"""One axis for every small chart: values land where they belong, and words tell what is seen."""

import pytest

from demos._ui.charts import Axis, Boxes, Dots, Line, Rule, chart, key, line_chart


def test_an_axis_places_values() -> None:
    assert [Axis(-40, 0).share(v) for v in (-40, -10, 0, 5)] == [0, 0.75, 1, 1]
    assert Axis(1, 100, log=True).share(10) == pytest.approx(0.5)
    assert Axis(10, 0).share(2) == pytest.approx(0.8), "an axis may run the other way"
    assert Axis(3, 3).share(3) == 0 and Axis(0, 8).spread(4) == [1, 3, 5, 7]


def test_marks_land_on_the_axes() -> None:
    x, y = Axis(0, 10, [(0, "0"), (5, "-5")], "seconds"), Axis(0, 1)
    text = chart(
        x, y, Line([(0, 0), (10, 1)]), Line([(0, 0), (5, 1), (10, 0)], closed=True), Dots([(5, 0.5, 3)]),
        Boxes([((0, 0), (5, 0.5))]), Rule(x=2.5), Rule(y=0.25), title="a & b", words="as <it> is",
    )  # fmt: skip
    assert '<polyline class="wl-line" points="0.0,200.0 600.0,0.0"' in text
    assert '<polygon class="wl-line" points="0.0,200.0 300.0,0.0 600.0,200.0"' in text
    assert 'cx="300.0" cy="100.0" r="3.0"' in text and 'x="0.00" y="100.0" width="300.00" height="100.0"' in text
    assert 'x1="150.0" y1="0.0" x2="150.0" y2="200.0"' in text and 'x1="0.0" y1="150.0" x2="600.0" y2="150.0"' in text
    assert 'style="left:50.0%">−5<' in text and "seconds" in text and "a &amp; b" in text and "as &lt;it&gt; is" in text
    assert "wl-square" in chart(x, y, title="t", square=True) and "&lt;" in key("wl-line", "<")


def test_a_line_chart() -> None:
    points = [(0.0, 1.0), (1.0, 0.1), (2.0, 0.01)]
    text = line_chart(points, title="loss", x_label="seconds", log=True)
    assert "0.0,0.0 300.0,100.0 600.0,200.0" in text and "0.01" in text and "loss: from 1 to 0.01" in text
    assert "<polyline" not in line_chart(points[:1], title="loss", x_label="seconds")
    assert "<polyline" in line_chart([(0, 1), (1, 1)], title="flat", x_label="seconds")
    assert "nan" not in line_chart([*points, (3.0, float("nan"))], title="loss", x_label="seconds")
