import { pathText } from './storage-place.js';

/** A mount at a place of one space. */
export interface Spot {
  readonly mountId: string;
  /** Our id of the container. */
  readonly containerId: string;
  readonly hostId: string;
  /** Our id of the volume that it comes through; null for a bind mount. */
  readonly volumeId: string | null;
  readonly readOnly: boolean;
  readonly path: readonly string[];
  /**
   * Whether the mount is of just this place, so that it is a piece of storage of its own. A plain volume lies at a place of
   * its host, too, but is shared there only by what reaches it from outside.
   */
  readonly anchor: boolean;
}

interface Branch {
  readonly children: Map<string, Branch>;
  readonly spots: Set<Spot>;
  /** Spots here that are anchors. */
  anchors: number;
}

/**
 * All spots of one space by their paths, as a tree: what lies above and below a path is found without looking at the rest.
 */
export class PlaceIndex {
  private readonly root: Branch = makeBranch();
  private readonly byMount = new Map<string, Spot[]>();

  /** Spots of one mount; none for one that is not in here. */
  of(mountId: string): readonly Spot[] {
    return this.byMount.get(mountId) ?? [];
  }

  add(spot: Spot): void {
    let branch = this.root;
    for (const component of spot.path) {
      let next = branch.children.get(component);
      if (next === undefined) branch.children.set(component, (next = makeBranch()));
      branch = next;
    }
    branch.spots.add(spot);
    if (spot.anchor) branch.anchors += 1;
    const siblings = this.byMount.get(spot.mountId);
    if (siblings === undefined) this.byMount.set(spot.mountId, [spot]);
    else siblings.push(spot);
  }

  /** Takes all spots of a mount out. */
  remove(mountId: string): void {
    for (const spot of this.of(mountId)) this.takeOut(spot);
    this.byMount.delete(mountId);
  }

  /** Paths of the anchors at a path and above it, the root first. */
  anchorsAbove(path: readonly string[]): (readonly string[])[] {
    const found: (readonly string[])[] = [];
    let branch: Branch | undefined = this.root;
    for (let depth = 0; branch !== undefined; depth += 1) {
      if (branch.anchors > 0) found.push(path.slice(0, depth));
      const component: string | undefined = path[depth];
      branch = component === undefined ? undefined : branch.children.get(component);
    }
    return found;
  }

  /** Spots at a path and below it, in no order. */
  within(path: readonly string[]): Spot[] {
    let branch: Branch | undefined = this.root;
    for (const component of path) branch = branch?.children.get(component);
    const found: Spot[] = [];
    const rest = branch === undefined ? [] : [branch];
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      for (const spot of next.spots) found.push(spot);
      for (const child of next.children.values()) rest.push(child);
    }
    return found;
  }

  private takeOut(spot: Spot): void {
    const way: Branch[] = [this.root];
    for (const component of spot.path) {
      const next = way.at(-1)?.children.get(component);
      if (next === undefined) return;
      way.push(next);
    }
    const branch = way.at(-1);
    if (branch?.spots.delete(spot) === true && spot.anchor) branch.anchors -= 1;
    // Branches that lead nowhere go, or paths that come and go would stay for ever.
    for (let depth = spot.path.length; depth > 0; depth -= 1) {
      const here = way[depth];
      if (here === undefined || here.spots.size > 0 || here.children.size > 0) return;
      way[depth - 1]?.children.delete(spot.path[depth - 1] ?? '');
    }
  }
}

/** What is shared at a path: all mounts there and below, each once, by mount id; null when nothing is. */
interface PlaceShare {
  readonly path: readonly string[];
  readonly members: readonly Spot[] | null;
}

/**
 * Works out what is shared at each path that changed mounts touch, given the spots that they have now, by mount id (none for
 * one that is gone). What is shared at a path is what is mounted there together with all that is mounted below: two mounts
 * of which one lies in the other meet at the upper one's path, and two that only lie side by side do not. Only anchors at or
 * above a changed spot can have changed, so that the work grows with the depth of paths and the size of the shares, not
 * with the number of mounts.
 */
export function sharesTouched(index: PlaceIndex, changed: ReadonlyMap<string, readonly Spot[]>): PlaceShare[] {
  const touched = new Map<string, readonly string[]>();
  const touch = (path: readonly string[]) => touched.set(pathText(path), path);
  const added = new PlaceIndex();
  for (const [mountId, spots] of changed) {
    for (const spot of [...index.of(mountId), ...spots]) {
      for (const anchor of index.anchorsAbove(spot.path)) touch(anchor);
      if (spot.anchor) touch(spot.path);
    }
    for (const spot of spots) added.add(spot);
  }
  // New anchors above other new spots are at their own paths, which are touched already.
  return [...touched.values()].map((path) => {
    const spots = index.within(path).filter((spot) => !changed.has(spot.mountId));
    return { path, members: membersOf(path, [...spots, ...added.within(path)]) };
  });
}

/** Members of what is shared at a path as the index has it; null when nothing is. */
export function membersAt(index: PlaceIndex, path: readonly string[]): readonly Spot[] | null {
  return membersOf(path, index.within(path));
}

/** The members of what is shared at a path, given all spots there and below; null when nothing is. */
function membersOf(path: readonly string[], spots: readonly Spot[]): readonly Spot[] | null {
  if (!spots.some((spot) => spot.anchor && spot.path.length === path.length)) return null;
  if (new Set(spots.map((spot) => spot.containerId)).size < 2) return null;
  // One volume with several containers is shared as that volume.
  const [first] = spots;
  if (first?.volumeId !== null && spots.every((spot) => spot.volumeId === first?.volumeId)) return null;
  const byMount = new Map<string, Spot>();
  // Of a mount with two places in here the upper one tells what it reaches.
  for (const spot of spots) if (spot.path.length <= (byMount.get(spot.mountId)?.path.length ?? Infinity)) byMount.set(spot.mountId, spot);
  return [...byMount.values()].sort((a, b) => (a.mountId < b.mountId ? -1 : 1));
}

function makeBranch(): Branch {
  return { children: new Map(), spots: new Set(), anchors: 0 };
}
