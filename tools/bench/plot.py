#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Draws the table of the benchmark.

    plot.py OUT        OUT.csv becomes OUT.svg and OUT.png
"""

import csv
import re
import sys

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt

TARGETS = ["mirror", "kernel", "gen_pool", "gpu_buddy"]
COLOUR = {"mirror": "#b3402e", "kernel": "#2c6fae", "gen_pool": "#6b8e3d",
          "gpu_buddy": "#8a5fa8"}
MARK = {"mirror": "o", "kernel": "s", "gen_pool": "^", "gpu_buddy": "D"}
NAME = {"mirror": "mirror", "kernel": "kernel (alloc_pages_node)",
        "gen_pool": "gen_pool", "gpu_buddy": "gpu_buddy"}
INK = "#333333"
# Row names with the parameter in the place of #, and what the parameter is.
PANELS = [
    ("pair-#", "allocate and free, pool empty", "order"),
    ("comp-#", "the same with __GFP_COMP", "order"),
    ("occ70-pair-#", "allocate and free, 70 % occupied", "order"),
    ("set-bulk-get-#", "allocate until 3/4 are taken", "order"),
    ("set-bulk-put-#", "free all of these", "order"),
    ("set-random-put-#", "free all of these in random order", "order"),
    ("burst-#", "allocate N pages, free them; a page", "N"),
    ("outstanding-#", "order-0 pair beside N others held", "N"),
]
RATIOS = ["pair-0", "pair-3", "pair-9", "pair-10", "comp-3", "comp-9", "bulk64-alloc",
          "bulk64-free", "burst-16384", "occ70-pair-0", "occ70-pair-9",
          "cross-alloc", "cross-free", "trace-100k", "init-per-page", "ioctl-pair",
          "fault-zeroed-0", "map-3", "map-2m"]


def read(path):
    """figures[what][target]; what the CSV marks with a dash is not there."""
    figures = {}
    with open(path, encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            figures[row["what"]] = {key: float(value) for key, value in row.items()
                                    if key != "what" and value not in ("", "-")}
    return figures


def family(figures, pattern, target):
    """The parameters and the figures of the rows that a pattern means."""
    expression = re.compile(re.escape(pattern).replace(r"\#", r"(\d+)") + "$")
    points = []
    for what, row in figures.items():
        match = expression.match(what)
        if match and row.get(target, 0) > 0:
            points.append((int(match.group(1)), row[target]))
    return sorted(points)


def dress(axes, title):
    axes.set_title(title, fontsize=12, color=INK, loc="left")
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=10.5, colors=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def draw_panel(axes, figures, pattern, title, parameter):
    dress(axes, title)
    for target in reversed(TARGETS):
        points = family(figures, pattern, target)
        if points:
            axes.plot(*zip(*points), color=COLOUR[target], marker=MARK[target],
                      markersize=4, linewidth=1.6 if target == "mirror" else 1,
                      zorder=3 if target == "mirror" else 2)
    axes.set_yscale("log")
    axes.set_ylim(30, 50000)
    if parameter == "N":
        axes.set_xscale("log", base=2)
    else:
        axes.set_xticks(range(11))
    axes.set_xlabel(parameter, fontsize=11, color=INK, labelpad=1)
    axes.set_ylabel("instructions", fontsize=11, color=INK)


def draw_ratios(axes, figures):
    """Dots at mirror/peer: left of the line the mirror is cheaper."""
    names = [name for name in RATIOS if figures.get(name, {}).get("mirror")]
    dress(axes, "mirror / other, the same row")
    for target in TARGETS[1:]:
        points = [(figures[name]["mirror"] / figures[name][target], y)
                  for y, name in enumerate(names) if figures[name].get(target, 0) > 0.5]
        axes.plot(*zip(*points), linestyle="", color=COLOUR[target], marker=MARK[target],
                  markersize=7)
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(names)), names, fontsize=10.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel("ratio; left of the line the mirror is cheaper", fontsize=11,
                    color=INK, labelpad=1)


def draw(figures):
    panels = [panel for panel in PANELS if family(figures, panel[0], "mirror")]
    # Two beside each other: words of a wider picture cannot be read on a page.
    rows = (len(panels) + 1) // 2
    picture = plt.figure(figsize=(9.6, 2.9 * rows + 4.6))
    layout = picture.add_gridspec(rows + 1, 2, height_ratios=[2.9] * rows + [4.1])
    grid = [picture.add_subplot(layout[i // 2, i % 2]) for i in range(len(panels))]
    grid.append(picture.add_subplot(layout[rows, :]))
    for axes, panel in zip(grid, panels):
        draw_panel(axes, figures, *panel)
    draw_ratios(grid[len(panels)], figures)
    handles = [plt.Line2D([], [], color=COLOUR[target], marker=MARK[target],
                          label=NAME[target]) for target in TARGETS]
    picture.legend(handles=handles, loc="upper center", ncols=4, frameon=False, fontsize=11,
                   columnspacing=1.2, handletextpad=0.4)
    picture.tight_layout(rect=(0, 0, 1, 1 - 0.35 / picture.get_figheight()), h_pad=1.5)
    return picture


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    figures = read(sys.argv[1] + ".csv")
    # The same table gives the same files.
    plt.rcParams.update({"svg.hashsalt": "mirror_mm", "font.family": "DejaVu Sans"})
    picture = draw(figures)
    picture.savefig(sys.argv[1] + ".svg", metadata={"Date": None})
    picture.savefig(sys.argv[1] + ".png", dpi=110)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"error: plot.py: {error}")
