import type { SharesQuery } from './operations';

export type Share = SharesQuery['shares']['nodes'][number];

/** A node of the map. Places are in the map's own units. */
export interface MapNode {
  readonly id: string;
  readonly kind: 'HOST' | 'CONTAINER' | 'STORAGE';
  readonly label: string;
  /** Id of the host's box that it stands in; undefined for hosts and for what several hosts reach. */
  readonly parent: string | undefined;
  readonly isRisky: boolean;
  readonly isRunning: boolean;
  readonly isCrossHost: boolean;
  readonly x: number;
  readonly y: number;
}

/** A mount: from a container to the storage that it shares. */
export interface MapEdge {
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly isRisky: boolean;
  /** Whether it stays within the box of a host. */
  readonly isLocal: boolean;
}

/** The map of shares. */
export interface ShareGraph {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}

/** Between two nodes of a column, two columns, and two boxes. */
const ROW = 46;
const COLUMN = 230;
const BOX_GAP = 130;
/** Nodes in a column before the next one is begun. */
const COLUMN_LENGTH = 12;
/** Room between the boxes of hosts and the line of what several of them reach. */
const BAND = 190;
/** The same where nothing is reached by several. */
const EMPTY_BAND = 55;
/** Characters of a label; the whole stands in the list. */
const LABEL_LENGTH = 26;

interface Box {
  readonly host: string;
  readonly containers: Map<string, { readonly label: string; readonly isRunning: boolean; isRisky: boolean }>;
  readonly storage: Share[];
}

/** Two nodes of different kinds never have one id. */
export const storageNode = (shareId: string): string => `storage ${shareId}`;
const containerNode = (id: string): string => `container ${id}`;
const hostNode = (name: string): string => `host ${name}`;

/**
 * Where everything of some shares stands: each host is a box with its containers at the left and its own storage at the
 * right; what several hosts reach stands on a line in the middle, with boxes above and below. Always the same for the same
 * shares, and in no time for thousands, which no force-directed layout is.
 */
export function shareGraph(shares: readonly Share[]): ShareGraph {
  const boxes = new Map<string, Box>();
  const boxOf = (host: string): Box => {
    const box = boxes.get(host) ?? { host, containers: new Map(), storage: [] };
    boxes.set(host, box);
    return box;
  };
  const network: Share[] = [];
  const edges = new Map<string, MapEdge>();
  for (const share of shares) {
    const isRisky = share.risks.length > 0;
    const own = share.crossHost ? undefined : share.hosts[0];
    if (own === undefined) network.push(share);
    else boxOf(own.name).storage.push(share);
    for (const { container, readOnly } of share.mounts) {
      const { containers } = boxOf(container.host.name);
      const known = containers.get(container.id);
      if (known === undefined) containers.set(container.id, { label: container.name, isRunning: container.state === 'RUNNING', isRisky });
      else known.isRisky ||= isRisky;
      const id = `${share.id} ${container.id}`;
      // Who mounts it twice and writes by one of them, writes.
      const before = edges.get(id);
      edges.set(id, {
        id,
        source: containerNode(container.id),
        target: storageNode(share.id),
        readOnly: readOnly && (before?.readOnly ?? true),
        isRisky: isRisky && !readOnly,
        isLocal: own !== undefined,
      });
    }
  }
  return {
    nodes: place(
      [...boxes.values()].sort((a, b) => (a.host < b.host ? -1 : 1)),
      network,
    ),
    edges: [...edges.values()],
  };
}

function place(boxes: readonly Box[], network: readonly Share[]): MapNode[] {
  const nodes: MapNode[] = [];
  const centres = new Map<string, number>();
  const band = network.length === 0 ? EMPTY_BAND : BAND;
  // Above and below in turn, so that both rows are about as wide.
  const rows = [boxes.filter((_, index) => index % 2 === 0), boxes.filter((_, index) => index % 2 === 1)];
  for (const [row, inRow] of rows.entries()) {
    const isAbove = row === 0;
    let left = 0;
    for (const box of inRow) {
      const parent = hostNode(box.host);
      const containers = [...box.containers].map(([id, container]) => ({
        id: containerNode(id),
        kind: 'CONTAINER' as const,
        isCrossHost: false,
        ...container,
      }));
      const storage = box.storage.map((share) => ({ ...storageOf(share), isCrossHost: false }));
      const containerColumns = Math.ceil(containers.length / COLUMN_LENGTH);
      const columns = containerColumns + Math.ceil(storage.length / COLUMN_LENGTH);
      nodes.push({ id: parent, kind: 'HOST', label: box.host, parent: undefined, isRisky: false, isRunning: true, isCrossHost: false, x: 0, y: 0 });
      const put = (index: number, column: number) => ({
        x: left + (column + Math.floor(index / COLUMN_LENGTH)) * COLUMN,
        y: (isAbove ? -1 : 1) * (band + (index % COLUMN_LENGTH) * ROW),
      });
      for (const [index, node] of containers.entries()) nodes.push({ ...node, parent, label: shortened(node.label), ...put(index, 0) });
      for (const [index, node] of storage.entries()) nodes.push({ ...node, parent, ...put(index, containerColumns) });
      centres.set(box.host, left + ((columns - 1) * COLUMN) / 2);
      left += (columns - 1) * COLUMN + COLUMN + BOX_GAP;
    }
  }
  // Each below and above the hosts that reach it, as far as there is room.
  const middle = ({ hosts }: Share) => hosts.reduce((sum, { name }) => sum + (centres.get(name) ?? 0), 0) / Math.max(hosts.length, 1);
  let right = -Infinity;
  for (const share of [...network].sort((a, b) => middle(a) - middle(b))) {
    const x = Math.max(middle(share), right + COLUMN);
    right = x;
    nodes.push({ ...storageOf(share), isCrossHost: true, parent: undefined, x, y: 0 });
  }
  return nodes;
}

function storageOf({ id, identity, risks }: Share) {
  return { id: storageNode(id), kind: 'STORAGE' as const, label: shortened(identity), isRisky: risks.length > 0, isRunning: true };
}

/** The end of a path tells more than its beginning. */
function shortened(label: string): string {
  if (label.length <= LABEL_LENGTH) return label;
  return label.includes('/') ? `…${label.slice(1 - LABEL_LENGTH)}` : `${label.slice(0, LABEL_LENGTH - 1)}…`;
}
