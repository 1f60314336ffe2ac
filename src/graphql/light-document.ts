import { Kind, type DocumentNode, type Location, type Source } from 'graphql';

// graphql-js leaves in each node of a document the tokens that it was read from, and these are a list of all there are: half
// of what a document takes in memory. Of documents that are kept, only what errors are placed by is left.

/** Where a node stands, with what graphql-js and graphql-jit ask of it. */
class Place {
  constructor(
    readonly start: number,
    readonly end: number,
    readonly source: Source,
    readonly line: number,
    readonly column: number,
  ) {}

  /** graphql-jit takes line and column from the first token. */
  get startToken(): this {
    return this;
  }

  /** As a {@link Location} is shown. */
  toJSON(): { readonly start: number; readonly end: number } {
    return { start: this.start, end: this.end };
  }
}

/** Any node, as far as this goes. */
interface Node {
  readonly kind: Kind;
  loc?: Location | undefined;
}

/** Characters of text that count as one node: a document may be one long string. */
const LENGTH_OF_NODE = 100;

const SIZES = new WeakMap<DocumentNode, number>();

/**
 * Takes the tokens out of a document that was found valid and is to be kept. Errors have the same places as before; names
 * by themselves have none, since what runs a document blames whole fields, arguments, variables and values.
 */
export function lighten(document: DocumentNode): void {
  if (SIZES.has(document)) return;
  const length = document.loc?.source.body.length ?? 0;
  SIZES.set(document, lightenNode(document) + Math.ceil(length / LENGTH_OF_NODE));
}

/** The size of a document that went through {@link lighten}, in nodes, each of which takes about 200 bytes. */
export function sizeOf(document: DocumentNode): number {
  const size = SIZES.get(document);
  if (size === undefined) throw new Error('the document was not lightened');
  return size;
}

/** Returns how many nodes there are. Documents nest only so deep (limits.ts). */
function lightenNode(node: Node): number {
  const { loc } = node;
  if (node.kind === Kind.NAME) node.loc = undefined;
  else if (loc !== undefined) {
    // The types have it that nobody else makes places.
    node.loc = new Place(loc.start, loc.end, loc.source, loc.startToken.line, loc.startToken.column) as unknown as Location;
  }
  let nodes = 1;
  for (const part of Object.values(node) as unknown[]) {
    if (Array.isArray(part)) for (const inner of part) nodes += isNode(inner) ? lightenNode(inner) : 0;
    else if (isNode(part)) nodes += lightenNode(part);
  }
  return nodes;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
