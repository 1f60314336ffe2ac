import { Kind, OperationTypeNode, parse, type DocumentNode, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import type { Limits } from '../config.js';
import { badInput } from '../problems.js';
import { checkNesting } from './limits.js';

/**
 * What a document's text must be before it is parsed and validated, over HTTP and WebSocket alike: what graphql-js fails at then,
 * and does not refuse.
 * @throws {Problem} LIMIT_EXCEEDED when it nests too deep; BAD_USER_INPUT when it subscribes to what may be left out.
 */
export function checkText(text: unknown, limits: Limits): void {
  checkNesting(text, limits);
  if (typeof text === 'string') checkSubscribed(text, limits);
}

/**
 * Refuses a subscription whose field may be left out by `@skip` or `@include` (the specification's section 5.2.4.1, Single Root
 * Field): nothing would be subscribed to then. graphql-js 16 fails at it, when it validates or when it starts.
 */
function checkSubscribed(text: string, limits: Limits): void {
  // Nearly all documents end here.
  if (!text.includes('@') || !text.includes('subscription')) return;
  let document: DocumentNode;
  try {
    document = parse(text, { maxLexicalTokens: limits.tokens });
  } catch {
    // Whoever parses it for good says what is wrong.
    return;
  }
  for (const operation of document.definitions) {
    if (operation.kind !== Kind.OPERATION_DEFINITION || operation.operation !== OperationTypeNode.SUBSCRIPTION) continue;
    if (!topLevelOf(operation, document).some((selection) => selection.directives?.some(({ name }) => name.value === 'skip' || name.value === 'include')))
      continue;
    const subject = operation.name === undefined ? 'Anonymous Subscription' : `Subscription "${operation.name.value}"`;
    throw badInput(`${subject} must not use @skip or @include at its top level.`);
  }
}

/** Fields of the top level, and the fragments that they stand in. */
function topLevelOf(operation: OperationDefinitionNode, { definitions }: DocumentNode): SelectionNode[] {
  const found: SelectionNode[] = [];
  const visited = new Set<string>();
  const sets = [operation.selectionSet];
  for (let next = sets.pop(); next !== undefined; next = sets.pop()) {
    for (const selection of next.selections) {
      found.push(selection);
      if (selection.kind === Kind.INLINE_FRAGMENT) sets.push(selection.selectionSet);
      if (selection.kind !== Kind.FRAGMENT_SPREAD || visited.has(selection.name.value)) continue;
      visited.add(selection.name.value);
      for (const one of definitions) if (one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value) sets.push(one.selectionSet);
    }
  }
  return found;
}
