"""A bar chart as SVG, small enough to be committed and readable in the dark too."""

from __future__ import annotations

from xml.sax.saxutils import escape

ROW, LEFT, WIDTH = 34, 300, 420


def bars(values: dict[str, float], unit: str = "ms") -> str:
    """Horizontal bars in the order given, on a common linear scale."""
    most = max(values.values())
    height = ROW * len(values) + 10
    rows = []
    for number, (name, value) in enumerate(values.items()):
        y = number * ROW + 8
        length = max(value / most * WIDTH, 1)
        colour = "#06a84f" if name == "Penniless" else "#8a94a6"
        rows.append(
            f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="22" rx="3" fill="{colour}"/>'
            f'<text x="{LEFT + length + 6:.1f}" y="{y + 16}">{value:.0f} {unit}</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 90} {height}" '
        'font-family="sans-serif" font-size="13" fill="#6b7280">' + "".join(rows) + "</svg>\n"
    )
