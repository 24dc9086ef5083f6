"""One HTML page about the reader's own network, which needs nothing from elsewhere."""

import base64
import html
import io
import re
from collections.abc import Callable, Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuronlib.common.choices import MEASURES, Measure
from neuronlib.common.scopes import scope_name
from neuronlib.plots.curves import NAMES, use_house_style
from neuronlib.reproduction.pages.own_network import (
    OwnNetwork,
    Rows,
    draw_own_curves,
    draw_own_measure,
    own_accuracy_table,
    own_gap_table,
    own_layer_table,
    own_sentences,
)

MARK = "<!-- a report of neuronlib analyse -->"
"""The first line of each report."""

_STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; color: #202020; background: #fff; max-width: 62rem; margin: 0 auto;
  padding: 1rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.3rem; margin-top: 2.2rem; } h3 { font-size: 1.05rem; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #d8d8d8; text-align: right; }
th { vertical-align: bottom; } th.text, td.text { text-align: left; } td { white-space: nowrap; }
.wide { overflow-x: auto; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); gap: .5rem; }
img { width: 100%; height: auto; } figure { margin: 1rem 0; } figcaption, .how { font-size: .92rem; color: #404040; }
code { background: #f2f2f2; padding: .2rem .4rem; display: block; overflow-x: auto; white-space: nowrap; }
"""

_HOW_TO_READ = (
    "Lowest first far above random, and highest first far below: the measure tells which neurons the layer needs.",
    "All three curves flat until few neurons are left: the layer is redundant, or most of its neurons are inactive.",
    "All three curves fall side by side: the measure does not tell which neurons the layer needs.",
    "All neurons of a layer always or never active: one bit of them says nothing. Channels of a convolution that are "
    "averaged over an image are often so. Try --summary active.",
    "Lowest first below random: neurons without information about the label are needed, as always-on neurons are. "
    "Try --replacement mean.",
    "With 20 random orders, an order stands out if all of them do more harm, or all do less. An order that knows "
    "nothing does so on either side one time in 21. The table has six orders a layer: expect some among many layers.",
    "A single network is a single sample of what training brings about. Give several files, of networks trained from "
    "other seeds, to see what they have in common.",
)


def report(own: OwnNetwork, files: Sequence[str], layers: Sequence[str], command: str) -> str:
    """Write the page.

    Args:
        own: What was computed.
        files: Names of the networks' files and of the samples' file.
        layers: A line about each layer.
        command: The command that wrote the page.

    Returns:
        The page, which requests nothing: pictures are in it, and its policy forbids all else.
    """
    use_house_style()
    title = f"Neurons of {files[0]}" + (f" and {len(files) - 2} more" if len(files) > 2 else "")
    body = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p>Written by:</p><code>{html.escape(command)}</code>",
        "<h2>What these networks say</h2>" if len(files) > 2 else "<h2>What this network says</h2>",
        _items([_bold(one) for one in own_sentences(own)]),
        "<h2>What was read</h2>",
        _table(own_accuracy_table(own)),
        "<p>If the accuracy is not what you know of your network, the inputs are scaled otherwise, or labels are in "
        "another order.</p>",
        _items([html.escape(line) for line in layers]),
        "<h2>What the neurons say</h2>",
        _table(own_layer_table(own)),
        _figure(
            [(_alt_of_measure(own, name), _drawn(partial(draw_own_measure, own=own, name=name))) for name in MEASURES],
            "Each measure over the neurons of each layer, in bits. Bars mark minimum, maximum and mean, the dotted "
            "bar the median.",
        ),
        "<h2>What the network loses without them</h2>",
        "<p class='how'>Neurons of one layer are ablated one after the other: by lowest or highest measure first, or "
        "at random. Bands are one standard deviation, of random ablation over orders.</p>",
        *(_section(own, scope) for scope in own.curves),
        "<h2>Ordered minus random ablation</h2>",
        "<p class='how'>Accuracy less that of random ablation, mean over the curve, in percentage points; negative is "
        "worse. Beside it, how many random orders do more harm than this order.</p>",
        _table(own_gap_table(own), text_columns=2),
        "<h2>How to read this</h2>",
        _items([html.escape(line) for line in _HOW_TO_READ]),
    ]
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = (
        f"<meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style>"
    )
    return "\n".join([MARK, "<!doctype html>", f"<html lang='en'><head>{head}</head><body>", *body, "</body></html>\n"])


def _section(own: OwnNetwork, scope: str) -> str:
    curve = own.curves[scope]
    panels = []
    for name in MEASURES:
        ends = [100 * float(curve.sel(step=step).mean()) for step in (0, int(curve.step[-1]))]
        alt = (
            f"Accuracy against ablated neurons of {scope_name(scope)}, ordered by {NAMES[name]}: lowest first, highest "
            f"first and random fall from {ends[0]:.1f} % to {ends[1]:.1f} %."
        )
        panels.append((alt, _drawn(partial(_with_legend, own=own, scope=scope, name=name))))
    caption = (
        f"Cumulative ablation of {scope_name(scope)}: accuracy on {len(own.data.test.labels)} samples against the "
        "number of ablated neurons, lowest values first, highest first, and at random. Bands: one standard deviation."
    )
    return f"<h3>{html.escape(scope_name(scope))}</h3>" + _figure(panels, caption)


def _with_legend(axes: Axes, own: OwnNetwork, scope: str, name: Measure) -> None:
    draw_own_curves(axes, own, scope, name).legend(fontsize=8)


def _alt_of_measure(own: OwnNetwork, name: str) -> str:
    low, high = float(own.measured[name].min()), float(own.measured[name].max())
    return f"Violins of {NAMES[name]} for each layer, from {low:.2f} to {high:.2f} bits over all neurons."


def _drawn(draw: Callable[[Axes], object]) -> bytes:
    figure = Figure(figsize=(3.6, 2.9), layout="constrained")
    draw(figure.subplots())
    picture = io.BytesIO()
    figure.savefig(picture, format="svg", metadata={"Date": None})
    return picture.getvalue()


def _figure(panels: Sequence[tuple[str, bytes]], caption: str) -> str:
    images = [
        f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{base64.b64encode(picture).decode()}">'
        for alt, picture in panels
    ]
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return f"<figure><div class='panels'>{''.join(images)}</div>{below}</figure>"


def _table(rows: Rows, text_columns: int = 1) -> str:
    header, body = rows
    lines = [_row("th", header, text_columns), *(_row("td", row, text_columns) for row in body)]
    return f"<div class='wide'><table>{''.join(lines)}</table></div>"


def _row(tag: str, entries: Sequence[object], text_columns: int) -> str:
    shown = [f"{entry:.3f}" if isinstance(entry, float) else str(entry) for entry in entries]
    kinds = [" class='text'" if k < text_columns else "" for k in range(len(shown))]
    return (
        "<tr>"
        + "".join(f"<{tag}{kind}>{html.escape(one)}</{tag}>" for kind, one in zip(kinds, shown, strict=True))
        + "</tr>"
    )


def _items(entries: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{entry}</li>" for entry in entries) + "</ul>"


def _bold(text: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(text))
