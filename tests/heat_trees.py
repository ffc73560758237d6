"""Random trees of pipes for the tests of heat networks."""

import numpy as np
import pandas as pd


def random_tree(count, seed, *, peak_kw=100.0, step_m=80.0, relief_m=5.0):
    """Return nodes and pipes of a random tree with `count` nodes, the first the source."""
    draw = np.random.default_rng(seed)
    parent = np.array([-1] + [int(draw.integers(max(0, i - 8), i)) for i in range(1, count)])
    ids = [f"n{i}" for i in range(count)]
    peak = np.where(draw.random(count) < 0.5, draw.gamma(2.0, peak_kw / 2.0, count), 0.0)
    leaves = np.bincount(parent[1:], minlength=count) == 0
    peak = np.where(leaves & (peak == 0), peak_kw, peak)
    peak[0] = 0.0
    nodes = pd.DataFrame(
        {
            "kind": np.where(
                np.arange(count) == 0, "source", np.where(peak > 0, "consumer", "junction")
            ),
            "peak_kw": peak,
            "elevation_m": draw.normal(50.0, relief_m, count),
        },
        index=pd.Index(ids, name="node_id"),
    )
    pipes = pd.DataFrame(
        {
            "u": [ids[p] for p in parent[1:]],
            "v": ids[1:],
            "length_m": draw.uniform(5.0, step_m, count - 1),
        },
        index=pd.Index([f"p{i}" for i in range(1, count)], name="pipe_id"),
    )
    return nodes, pipes


def line(lengths_m, peaks_kw, *, elevations_m=None):
    """Return nodes and pipes of one way: a source and a consumer at the end of each pipe."""
    ids = ["plant"] + [f"c{i}" for i in range(1, len(lengths_m) + 1)]
    peaks = [0.0, *peaks_kw]
    nodes = pd.DataFrame(
        {
            "kind": ["source"] + ["consumer" if peak else "junction" for peak in peaks[1:]],
            "peak_kw": peaks,
            "elevation_m": elevations_m if elevations_m is not None else [0.0] * len(ids),
        },
        index=pd.Index(ids, name="node_id"),
    )
    pipes = pd.DataFrame(
        {"u": ids[:-1], "v": ids[1:], "length_m": lengths_m},
        index=pd.Index([f"pipe {i}" for i in range(1, len(ids))], name="pipe_id"),
    )
    return nodes, pipes
