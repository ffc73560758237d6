"""Compiled kernel: exact reconnection of small neighbourhoods of a tree."""

__all__ = ["improve_tree"]

import numba as nb
import numpy as np
import numpy.typing as npt

from heat_network.steiner_kernel import FloatArray, IntArray, hang_tree, heap_pop, heap_push

BoolArray = npt.NDArray[np.bool_]

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  (a kernel: loops over flat arrays)


@nb.njit(cache=False)
def _measure(
    count: int,
    order: IntArray,
    parent: IntArray,
    above: IntArray,
    fixed: FloatArray,
    linear: FloatArray,
    demand: FloatArray,
    load: FloatArray,
    depth: FloatArray,
    entry: IntArray,
    leave: IntArray,
) -> float:
    """Loads, depths and preorder intervals of a hung tree; return its price."""
    total = 0.0
    for i in range(count):
        v = order[i]
        load[v] = demand[v]
        entry[v] = i
        leave[v] = i + 1
        if parent[v] >= 0:
            depth[v] = depth[above[v]] + linear[parent[v]]
        else:
            depth[v] = 0.0
    for i in range(count - 1, 0, -1):
        v = order[i]
        u = above[v]
        load[u] += load[v]
        leave[u] = max(leave[u], leave[v])
        total += fixed[parent[v]] + linear[parent[v]] * load[v]
    return total


@nb.njit(cache=False)
def _trim(
    order: IntArray,
    count: int,
    parent: IntArray,
    above: IntArray,
    terminal: BoolArray,
    used: BoolArray,
    degree: IntArray,
) -> int:
    """Drop the leaves that nobody needs; return how many went."""
    gone = 0
    for i in range(count):
        degree[order[i]] = 0
    for i in range(1, count):
        degree[above[order[i]]] += 1
    for i in range(count - 1, 0, -1):
        v = order[i]
        if degree[v] == 0 and not terminal[v]:
            used[parent[v] >> 1] = False
            degree[above[v]] -= 1
            gone += 1
    return gone


@nb.njit(cache=False)
def improve_tree(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    fixed: FloatArray,
    linear: FloatArray,
    demand: FloatArray,
    terminal: BoolArray,
    root: int,
    used: BoolArray,
    near: FloatArray,
    most: int,
    room: int,
    rounds: int,
) -> float:
    """Improve a tree in place by cutting out small neighbourhoods and reconnecting them at least price.

    Around every key node (terminal or branching) the key paths are taken out until up to `most`
    components hang loose beside the root's; the dynamic programme of Dreyfus and Wagner (1971), with the
    flow of each set of components on its arcs, finds the cheapest reconnection within `room` nearby
    nodes. Moves that do not lower the true price are taken back, so the result is never worse.

    Parameters
    ----------
    fixed, linear : (2m,) float arrays
        Price of using an arc, and price per unit of flow on it.
    demand : (n,) float array
        Flow each node takes.
    used : (m,) bool array
        Edges of the tree, changed in place.
    near : (n,) float array
        Least linear price from the root, used to leave out what cannot pay.

    Returns
    -------
    float
        Price of the improved tree.
    """
    n = len(indptr) - 1
    parent = np.full(n, -2, np.int64)
    above = np.full(n, -1, np.int64)
    order = np.empty(n, np.int64)
    load = np.zeros(n)
    depth = np.zeros(n)
    entry = np.zeros(n, np.int64)
    leave = np.zeros(n, np.int64)
    degree = np.zeros(n, np.int64)
    flowing = False
    for a in range(len(linear)):
        if linear[a] > 0:
            flowing = True
            break
    count = hang_tree(indptr, head, arc, used, root, parent, above, order)
    if _trim(order, count, parent, above, terminal, used, degree) > 0:
        count = hang_tree(indptr, head, arc, used, root, parent, above, order)
    total = _measure(count, order, parent, above, fixed, linear, demand, load, depth, entry, leave)
    dirty = np.zeros(n, np.bool_)
    for i in range(count):
        dirty[order[i]] = True

    target = np.empty(len(arc), np.int64)
    for i in range(len(arc)):
        target[arc[i]] = head[i]
    big = 4 * room
    full = 1 << most
    label = np.full(n, np.inf)
    place = np.full(n, -1, np.int64)
    heap = np.empty(n, np.int64)
    local = np.full(n, -1, np.int64)
    node = np.empty(big, np.int64)
    freed = np.zeros(n, np.int64)  # stamp of the turn in which a node lost its place
    turn = 0
    cutoff = np.zeros(len(used), np.int64)  # stamp of removed edges
    removed = np.empty(n, np.int64)
    queue = np.empty(most + 4, np.int64)
    heads = np.empty(64, np.int64)
    net = np.zeros(64)
    loc_ptr = np.zeros(big + 1, np.int64)
    loc_head = np.empty(big * 16, np.int64)
    loc_arc = np.empty(big * 16, np.int64)
    comp = np.empty(big, np.int64)
    shift = np.zeros(big)
    value = np.full((full, big), np.inf)
    back = np.full((full, big), -1, np.int64)
    hub = np.full((full, most), np.inf)
    hub_back = np.full((full, most), -1, np.int64)
    join = np.full(full, np.inf)
    join_back = np.full(full, -1, np.int64)
    weight = np.zeros(full)
    lheap = np.empty(big, np.int64)
    lplace = np.full(big, -1, np.int64)
    added = np.empty(n, np.int64)
    stack_set = np.empty(4096, np.int64)
    stack_at = np.empty(4096, np.int64)
    new_parent = np.empty(n, np.int64)
    new_above = np.empty(n, np.int64)
    new_order = np.empty(n, np.int64)
    centres = np.empty(n, np.int64)
    for _ in range(rounds):
        centre_count = 0
        for i in range(count - 1, -1, -1):
            v = order[i]
            if dirty[v]:
                dirty[v] = False
                if terminal[v] or degree[v] >= 2 or v == root:
                    centres[centre_count] = v
                    centre_count += 1
        if centre_count == 0:
            break
        gained = 0.0
        for ci in range(centre_count):
            centre = centres[ci]
            if parent[centre] == -2:
                continue
            turn += 1
            # 1. take out the key paths around the centre
            queue[0] = centre
            n_removed = 0
            n_heads = 0
            qi = 0
            qn = 1
            paths = 0
            vanished = 0
            old = 0.0
            while qi < qn:
                y = queue[qi]
                qi += 1
                keep = terminal[y] or y == root
                # how many paths would go
                open_paths = 0
                for s in range(indptr[y], indptr[y + 1]):
                    e = arc[s] >> 1
                    if used[e] and cutoff[e] != turn:
                        open_paths += 1
                if not keep:
                    if paths + open_paths - vanished - 1 > most:
                        continue
                    vanished += 1
                    freed[y] = turn
                for s in range(indptr[y], indptr[y + 1]):
                    e = arc[s] >> 1
                    if not used[e] or cutoff[e] == turn:
                        continue
                    if keep and paths - vanished + 1 > most:
                        break
                    paths += 1
                    u = y
                    slot = s
                    while True:
                        e = arc[slot] >> 1
                        cutoff[e] = turn
                        removed[n_removed] = e
                        n_removed += 1
                        w = head[slot]
                        if parent[w] >= 0 and (parent[w] >> 1) == e:
                            down = w
                        else:
                            down = u
                        old += fixed[parent[down]]
                        if terminal[w] or w == root or degree[w] != 1:
                            if down == w:
                                low = w
                            else:
                                low = y
                            break
                        freed[w] = turn
                        u = w
                        nxt = -1
                        for q in range(indptr[w], indptr[w + 1]):
                            if used[arc[q] >> 1] and cutoff[arc[q] >> 1] != turn:
                                nxt = q
                                break
                        slot = nxt
                    heads[n_heads] = low
                    n_heads += 1
                    if qn < len(queue):
                        queue[qn] = w
                        qn += 1
                    if n_heads >= 60:
                        break
                if n_heads >= 60:
                    break
            # heads that still carry something
            k = 0
            for i in range(n_heads):
                if freed[heads[i]] != turn:
                    heads[k] = heads[i]
                    k += 1
            if k == 0 or k > most:
                continue
            # nodes between: also keys whose every path went stay as lone components (terminals)
            for i in range(k):
                net[i] = load[heads[i]]
            for i in range(k):
                best = -1
                for j in range(k):
                    if j != i and entry[heads[j]] < entry[heads[i]] < leave[heads[j]]:
                        if best < 0 or entry[heads[j]] > entry[heads[best]]:
                            best = j
                if best >= 0:
                    net[best] -= load[heads[i]]
            for i in range(k):
                old += net[i] * depth[heads[i]]
            # 2. the region: nodes near the removed paths
            size = 0
            nloc = 0
            for i in range(n_removed):
                for side in range(2):
                    v = target[2 * removed[i] + side]
                    if label[v] != 0.0:
                        label[v] = 0.0
                        size = heap_push(heap, place, label, size, v)
            base = size
            if base > big - 16:
                while size > 0:
                    v = heap_pop(heap, place, label, size)
                    size -= 1
                    label[v] = np.inf
                continue
            limit = min(big, base + room)
            radius = 0.5 * old if not flowing else np.inf
            while size > 0:
                v = heap_pop(heap, place, label, size)
                size -= 1
                if nloc >= limit or label[v] > radius:
                    label[v] = np.inf
                    while size > 0:
                        label[heap_pop(heap, place, label, size)] = np.inf
                        size -= 1
                    break
                local[v] = nloc
                node[nloc] = v
                nloc += 1
                for s in range(indptr[v], indptr[v + 1]):
                    w = head[s]
                    if local[w] >= 0:
                        continue
                    far = label[v] + fixed[arc[s]]
                    if far < label[w]:
                        label[w] = far
                        size = heap_push(heap, place, label, size, w)
            # local graph and component of each node
            fill = 0
            for i in range(nloc):
                v = node[i]
                label[v] = np.inf
                loc_ptr[i] = fill
                for s in range(indptr[v], indptr[v + 1]):
                    j = local[head[s]]
                    if j >= 0 and fill < len(loc_head):
                        loc_head[fill] = j
                        loc_arc[fill] = arc[s]
                        fill += 1
                comp[i] = -1
                shift[i] = 0.0
                if parent[v] != -2 and freed[v] != turn:
                    best = most
                    for j in range(k):
                        if entry[heads[j]] <= entry[v] < leave[heads[j]]:
                            if best == most or entry[heads[j]] > entry[heads[best]]:
                                best = j
                    comp[i] = best
                    if flowing and best < most:
                        # price of hanging the component from here instead of from its head
                        extra = 0.0
                        u = v
                        steps = 0
                        while u != heads[best] and steps < 100:
                            below = load[u]
                            for j in range(k):
                                if j != best and entry[u] <= entry[heads[j]] < leave[u]:
                                    inner = True
                                    for q in range(k):
                                        if (
                                            q != j
                                            and q != best
                                            and entry[u] <= entry[heads[q]]
                                            and entry[heads[q]] < entry[heads[j]] < leave[heads[q]]
                                        ):
                                            inner = False
                                    if inner:
                                        below -= load[heads[j]]
                            extra += linear[parent[u]] * (net[best] - 2.0 * below)
                            u = above[u]
                            steps += 1
                        shift[i] = extra if steps < 100 else np.inf
            loc_ptr[nloc] = fill
            # 3. the exact reconnection
            every = (1 << k) - 1
            weight[0] = 0.0
            for S in range(1, every + 1):
                low_bit = 0
                while not (S >> low_bit) & 1:
                    low_bit += 1
                weight[S] = weight[S & (S - 1)] + net[low_bit]
                lsize = 0
                for i in range(nloc):
                    value[S, i] = np.inf
                # hubs
                for c in range(k):
                    if not (S >> c) & 1:
                        continue
                    rest = S & ~(1 << c)
                    if rest == 0:
                        hub[S, c] = 0.0
                        hub_back[S, c] = -1
                        continue
                    best_value = np.inf
                    best_back = -1
                    # two sets that both hold the component
                    sub = (rest - 1) & rest
                    while sub > 0:
                        both = hub[sub | (1 << c), c] + hub[(rest & ~sub) | (1 << c), c]
                        if sub >= (rest & ~sub) and both < best_value:
                            best_value = both
                            best_back = big + (sub | (1 << c))
                        sub = (sub - 1) & rest
                    for i in range(nloc):
                        if comp[i] == c and value[rest, i] < np.inf:
                            far = value[rest, i] + weight[rest] * (depth[node[i]] - depth[heads[c]])
                            if far < best_value:
                                best_value = far
                                best_back = i
                    hub[S, c] = best_value
                    hub_back[S, c] = best_back
                # merges at free nodes, within the lowest component's half
                sub = (S - 1) & S
                bit = 1 << low_bit
                while sub > 0:
                    if sub & bit:
                        other = S & ~sub
                        for i in range(nloc):
                            far = value[sub, i] + value[other, i]
                            if far < value[S, i] and comp[i] == -1:
                                value[S, i] = far
                                back[S, i] = -(2 + sub)
                    sub = (sub - 1) & S
                limit_value = old
                if flowing:
                    for c in range(k):
                        if not (S >> c) & 1:
                            limit_value -= net[c] * near[heads[c]]
                for i in range(nloc):
                    c = comp[i]
                    if 0 <= c < most and (S >> c) & 1:
                        far = (
                            hub[S, c]
                            + shift[i]
                            + (weight[S] - net[c]) * (depth[node[i]] - depth[heads[c]])
                        )
                        value[S, i] = far
                        back[S, i] = -1
                    if value[S, i] + weight[S] * near[node[i]] < limit_value:
                        lsize = heap_push(lheap, lplace, value[S], lsize, i)
                row = value[S]
                while lsize > 0:
                    i = heap_pop(lheap, lplace, row, lsize)
                    lsize -= 1
                    c = comp[i]
                    # other components absorb, they do not pass on
                    if c >= 0 and back[S, i] != -1:
                        continue
                    for s in range(loc_ptr[i], loc_ptr[i + 1]):
                        j = loc_head[s]
                        a = loc_arc[s]
                        far = row[i] + fixed[a] + weight[S] * linear[a]
                        if far < row[j] and far + weight[S] * near[node[j]] < limit_value:
                            cj = comp[j]
                            if 0 <= cj < most and (S >> cj) & 1:
                                continue
                            row[j] = far
                            back[S, j] = a * big + i
                            lsize = heap_push(lheap, lplace, row, lsize, j)
                join[S] = np.inf
                join_back[S] = -1
                for i in range(nloc):
                    if comp[i] == most and row[i] < np.inf:
                        far = row[i] + weight[S] * depth[node[i]]
                        if far < join[S]:
                            join[S] = far
                            join_back[S] = i
                sub = (S - 1) & S
                while sub > 0:
                    if sub & bit:
                        far = join[sub] + join[S & ~sub]
                        if far < join[S]:
                            join[S] = far
                            join_back[S] = -(2 + sub)
                    sub = (sub - 1) & S
            ok = join[every] < old * (1 - 1e-12) - 1e-12
            n_added = 0
            if ok:
                # 4. trace the edges
                top = 0
                stack_set[0] = every
                stack_at[0] = -1  # -1 join, >= 0 node, <= -2 hub
                top = 1
                while top > 0 and top < 4000:
                    top -= 1
                    S = stack_set[top]
                    at = stack_at[top]
                    if at == -1:
                        b = join_back[S]
                        if b >= 0:
                            stack_set[top] = S
                            stack_at[top] = b
                            top += 1
                        else:
                            sub = -b - 2
                            stack_set[top] = sub
                            stack_at[top] = -1
                            stack_set[top + 1] = S & ~sub
                            stack_at[top + 1] = -1
                            top += 2
                    elif at >= 0:
                        b = back[S, at]
                        if b >= 0:
                            added[n_added] = (b // big) >> 1
                            n_added += 1
                            stack_set[top] = S
                            stack_at[top] = b % big
                            top += 1
                        elif b == -1:
                            stack_set[top] = S
                            stack_at[top] = -2 - comp[at]
                            top += 1
                        else:
                            sub = -b - 2
                            stack_set[top] = sub
                            stack_at[top] = at
                            stack_set[top + 1] = S & ~sub
                            stack_at[top + 1] = at
                            top += 2
                    else:
                        c = -2 - at
                        b = hub_back[S, c]
                        if b >= big:
                            sub = b - big
                            stack_set[top] = sub
                            stack_at[top] = at
                            stack_set[top + 1] = (S & ~sub) | (1 << c)
                            stack_at[top + 1] = at
                            top += 2
                        elif b >= 0:
                            stack_set[top] = S & ~(1 << c)
                            stack_at[top] = b
                            top += 1
                for i in range(n_removed):
                    used[removed[i]] = False
                for i in range(n_added):
                    used[added[i]] = True
                new_count = hang_tree(
                    indptr, head, arc, used, root, new_parent, new_above, new_order
                )
                good = new_count > 0
                if good:
                    if (
                        _trim(new_order, new_count, new_parent, new_above, terminal, used, degree)
                        > 0
                    ):
                        new_count = hang_tree(
                            indptr, head, arc, used, root, new_parent, new_above, new_order
                        )
                    new_total = _measure(
                        new_count,
                        new_order,
                        new_parent,
                        new_above,
                        fixed,
                        linear,
                        demand,
                        load,
                        depth,
                        entry,
                        leave,
                    )
                    good = new_total < total * (1 - 1e-13)
                    for i in range(k):
                        if new_parent[heads[i]] == -2:
                            good = False
                if good:
                    gained += total - new_total
                    total = new_total
                    parent, new_parent = new_parent, parent
                    above, new_above = new_above, above
                    order, new_order = new_order, order
                    count = new_count
                    # degrees are children counts of the kept nodes
                    for i in range(count):
                        degree[order[i]] = 0
                    for i in range(1, count):
                        degree[above[order[i]]] += 1
                    for i in range(nloc):
                        if parent[node[i]] != -2:
                            dirty[node[i]] = True
                else:
                    for i in range(len(used)):
                        used[i] = False
                    for i in range(1, count):
                        used[parent[order[i]] >> 1] = True
                    _measure(
                        count,
                        order,
                        parent,
                        above,
                        fixed,
                        linear,
                        demand,
                        load,
                        depth,
                        entry,
                        leave,
                    )
                    for i in range(count):
                        degree[order[i]] = 0
                    for i in range(1, count):
                        degree[above[order[i]]] += 1
            for i in range(nloc):
                local[node[i]] = -1
        if gained <= 1e-9 * total:
            break
    return total
