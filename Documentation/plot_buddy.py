#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Draws buddy.svg and buddy.png from what a guest printed.

plot_buddy.txt is the output of plot_buddy.sh, which says how to make it. Each
step becomes a map of the physical range and a table of its free blocks.
"""

import os
import re

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import to_rgb

HERE = os.path.dirname(os.path.abspath(__file__))
TYPES = ["Unmovable", "Movable", "Reclaimable"]
PALETTE = os.path.join(HERE, "..", "tools", "mirrorctl", "palette.h")
TITLES = {
    "1": "loaded: nothing is taken",
    "2": "blocks of all three types taken",
    "3": "three in five given back",
    "4": "all given back",
}
ORDERS = 11
PAGEBLOCK = 512
# Pageblocks side by side, and page frames of one side by side.
ACROSS, WIDE = 8, 32
INK = "#333333"


def palette():
    """The colours of mirrorctl, which are those of the pictures."""
    with open(PALETTE, encoding="ascii") as header:
        found = re.findall(r"PALETTE_(\w+)\s+0x([0-9a-f]{6})", header.read())
    return {name.capitalize(): "#" + value for name, value in found}


COLOUR = palette()


class Step:
    """One state: free[type][order] and used[type][order] hold first frames."""

    def __init__(self, number):
        self.number = number
        self.free = {t: {} for t in TYPES}
        self.used = {t: {} for t in TYPES}
        self.blocks = []
        self.start = self.pages = 0

    def line(self, words):
        kind = words[0]
        if kind == "zone":
            self.start = int(words[words.index("start") + 1])
            self.pages = int(words[words.index("managed") + 1])
        elif kind == "pageblocks":
            for run in words[3:]:
                name, count = run.split("*")
                self.blocks += [name] * int(count)
        elif kind == "free":
            order = int(words[4].rstrip(":"))
            self.free[words[3]][order] = [int(w) for w in words[5:]]
        elif kind == "used":
            order = int(words[2].rstrip(":"))
            self.used[words[1].capitalize()][order] = [int(w, 0) for w in words[3:]]


def read(path):
    steps = []
    with open(path, encoding="ascii") as lines:
        for line in lines:
            words = line.split()
            if words[0] == "step":
                steps.append(Step(words[1]))
            elif words[0] != "end":
                steps[-1].line(words)
    return steps


def tint(colour, share):
    """Mixed with white: share 1 is the colour itself."""
    return np.array(to_rgb(colour)) * share + (1 - share)


def frames(step):
    """One colour for each page frame: pale where free, full where held."""
    picture = np.zeros((step.pages, 3))
    for number, name in enumerate(step.blocks):
        first = number * PAGEBLOCK
        picture[first:first + PAGEBLOCK] = tint(COLOUR[name], 0.2)
    for name in TYPES:
        for order, heads in step.used[name].items():
            for pfn in heads:
                first = pfn - step.start
                picture[first:first + (1 << order)] = to_rgb(COLOUR[name])
    return picture


def page_map(step):
    """Pageblocks in rows from low to high addresses, a white line between."""
    tall = PAGEBLOCK // WIDE
    down = step.pages // PAGEBLOCK // ACROSS
    picture = np.ones((down * (tall + 2) - 2, ACROSS * (WIDE + 2) - 2, 3))
    for number, block in enumerate(frames(step).reshape(-1, tall, WIDE, 3)):
        y = number // ACROSS * (tall + 2)
        x = number % ACROSS * (WIDE + 2)
        picture[y:y + tall, x:x + WIDE] = block
    return picture


def draw_map(axes, step):
    axes.imshow(page_map(step), interpolation="nearest", aspect="auto")
    axes.set_title(TITLES[step.number], fontsize=13, color=INK, pad=8)
    axes.set_axis_off()


def draw_table(axes, step, first):
    """Free blocks by order and type, shaded by the memory in them."""
    for row, name in enumerate(TYPES):
        for order in range(ORDERS):
            count = len(step.free[name].get(order, []))
            share = (count << order) / step.pages
            shade = min(0.75, 0.15 + share ** 0.5) if count else 0
            axes.add_patch(plt.Rectangle((order, row), 1, 1, lw=0,
                                         color=tint(COLOUR[name], shade)))
            axes.text(order + 0.5, row + 0.54, count or "·", ha="center",
                      va="center", fontsize=10.5, color=INK if count else "#bbbbbb")
    axes.set_xlim(0, ORDERS)
    axes.set_ylim(len(TYPES), 0)
    axes.set_xticks([o + 0.5 for o in range(ORDERS)], range(ORDERS))
    axes.set_yticks([r + 0.5 for r in range(len(TYPES))], TYPES if first else [""] * 3)
    axes.tick_params(length=0, labelsize=11, labelcolor=INK, pad=3)
    for side in axes.spines.values():
        side.set_color("#dddddd")
    free = sum(len(heads) << order for lists in step.free.values()
               for order, heads in lists.items())
    axes.set_xlabel(f"order of the free blocks; {free} pages free", fontsize=11,
                    color=INK)


def draw_legend(figure):
    """A column for each type, and a line about the rectangles."""
    for column, name in enumerate(TYPES):
        for line, (share, text) in enumerate(((1, f"{name.lower()}, held"),
                                              (0.2, "free there"))):
            x, y = 0.115 + 0.21 * column, 0.98 - 0.025 * line
            figure.patches.append(plt.Rectangle(
                (x, y - 0.007), 0.018, 0.014, transform=figure.transFigure,
                color=tint(COLOUR[name], share), figure=figure))
            figure.text(x + 0.026, y, text, fontsize=11, color=INK, va="center")
    figure.text(0.745, 0.9865, "each rectangle is\none pageblock, 2 MiB",
                fontsize=11, color=INK, va="top", linespacing=1.5)


def main():
    # The same input gives the same file.
    plt.rcParams["svg.hashsalt"] = "mirror_mm"
    plt.rcParams["svg.fonttype"] = "path"
    steps = read(os.path.join(HERE, "plot_buddy.txt"))
    # Two beside each other, two below: words of a wider picture cannot be read on a page.
    figure = plt.figure(figsize=(9.6, 9.6))
    rows = figure.add_gridspec(2, 1, left=0.115, right=0.99, top=0.902, bottom=0.053,
                               hspace=0.21)
    for number, step in enumerate(steps):
        if number % 2 == 0:
            grid = rows[number // 2].subgridspec(2, 2, height_ratios=[3, 1],
                                                 wspace=0.06, hspace=0.05)
        draw_map(figure.add_subplot(grid[0, number % 2]), step)
        draw_table(figure.add_subplot(grid[1, number % 2]), step, number % 2 == 0)
    draw_legend(figure)
    figure.savefig(os.path.join(HERE, "buddy.svg"), metadata={"Date": None},
                   facecolor="white")
    figure.savefig(os.path.join(HERE, "buddy.png"), dpi=110, facecolor="white")


if __name__ == "__main__":
    main()
