import { getOperationAST, GraphQLError, Kind, OperationTypeNode, parse, specifiedRules, validate, visit, type DocumentNode, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Limits } from '../../config.js';
import { checkText } from '../document-text.js';
import type { KnownDocuments, SentDocument } from '../known-documents.js';
import { lighten, sizeOf } from '../light-document.js';
import { limitRules, type CostLimit } from '../limits.js';
import { badInput, Problem } from '../../problems.js';

/** Nodes of documents that are kept as they were read and found right; thousands of subscribers come back with the same. */
const MAX_NODES = 50_000;
/** Characters that the document of a subscription and its variables may have together: they stay in memory as long as it runs. */
const MAX_LENGTH = 20_000;
/** Characters for which a subscription counts once against the limits on subscriptions, begun ones included. */
const LENGTH_OF_ONE = 2_000;

/** What a client sends to subscribe, over any transport. */
export interface SentSubscription extends SentDocument {
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** A subscription that may run. */
export interface Subscription {
  /** The same for the same operation of the same document. */
  readonly id: string;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Record<string, unknown> | undefined;
  /** Values of the variables that matter to what is asked of each event; those of the stream's own arguments are left out. */
  readonly innerVariables: Readonly<Record<string, unknown>>;
  /** Objects that answering one event may read, roughly. */
  readonly cost: number;
  /** How many it counts for: one that is long takes the memory of several. */
  readonly weight: number;
}

/** Reads and checks subscriptions, as Apollo does queries before HTTP: what one refuses, so does the other. */
export class SubscriptionDocuments {
  private readonly kept = new LRUCache<string, Checked>({ maxSize: MAX_NODES, sizeCalculation: ({ document }) => sizeOf(document) });
  private count = 0;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly limits: Limits,
    private readonly costLimit: CostLimit,
    /** The only documents that are answered; undefined: any. */
    private readonly known: KnownDocuments | undefined,
  ) {}

  /** @throws {GraphQLError | Problem | GraphQLError[]} what is wrong with it. */
  prepare(sent: SentSubscription, transport: string): Subscription | readonly GraphQLError[] {
    const text = this.known?.textOf(sent) ?? sent.query;
    if (typeof text !== 'string') throw badInput('Send the document as query.');
    const checked = this.check(text);
    if (Array.isArray(checked)) return checked as readonly GraphQLError[];
    const { document, number } = checked as Checked;
    const operationName = sent.operationName ?? undefined;
    const operation = getOperationAST(document, operationName);
    if (!operation) {
      // In graphql-js's own words, which Apollo answers with.
      throw badInput(
        operationName === undefined ? 'Must provide operation name if query contains multiple operations.' : `Unknown operation named "${operationName}".`,
      );
    }
    const variables = sent.variables ?? undefined;
    const length = text.length + (variables === undefined ? 0 : JSON.stringify(variables).length);
    if (length > MAX_LENGTH) {
      throw new Problem(
        'LIMIT_EXCEEDED',
        `The subscription has ${String(length)} characters of document and variables; the limit is ${String(MAX_LENGTH)}. Leave out what the page does not show.`,
      );
    }
    const cost = this.costLimit.check({ document, operationName, variables });
    // Last: whatever is wrong with a document is told in the same way as over HTTP, whatever it is.
    if (operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      throw badInput(`Over ${transport} only subscriptions run; send queries and mutations by HTTP POST.`);
    }
    const names = innerVariableNames(document, operationName);
    const innerVariables = Object.fromEntries(names.map((name) => [name, variables?.[name]]));
    return {
      id: `${String(number)} ${operationName ?? ''}`,
      document,
      operationName,
      variables,
      innerVariables,
      cost,
      weight: Math.ceil(length / LENGTH_OF_ONE),
    };
  }

  private check(text: string): Checked | readonly GraphQLError[] {
    const known = this.kept.get(text);
    if (known !== undefined) return known;
    checkText(text, this.limits);
    const document = parse(text, { maxLexicalTokens: this.limits.tokens });
    const errors = validate(this.schema, document, [...specifiedRules, ...limitRules(this.limits)]);
    if (errors.length > 0) return errors;
    const checked = { document, number: (this.count += 1) };
    if (text.length > MAX_LENGTH) return checked;
    lighten(document);
    this.kept.set(text, checked);
    return checked;
  }
}

interface Checked {
  readonly document: DocumentNode;
  readonly number: number;
}

/** Variables that are used anywhere but in the arguments of the operation's own fields. */
function innerVariableNames(document: DocumentNode, operationName: string | undefined): string[] {
  const names = new Set<string>();
  const operation = getOperationAST(document, operationName);
  const roots = new Set<unknown>(operation?.selectionSet.selections);
  visit(document, {
    VariableDefinition: () => false,
    Argument: (node, _key, _parent, _path, ancestors) => {
      // Its field is the last ancestor but the list of arguments.
      const field = ancestors.at(-1);
      const owner = Array.isArray(field) ? ancestors.at(-2) : field;
      const isOwn = roots.has(owner) && (owner as { kind?: unknown }).kind === Kind.FIELD;
      return isOwn ? false : undefined;
    },
    Variable: ({ name }) => {
      names.add(name.value);
    },
  });
  return [...names].sort();
}
