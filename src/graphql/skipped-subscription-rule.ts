import { GraphQLError, Kind, OperationTypeNode, type SelectionNode, type SelectionSetNode, type ValidationRule } from 'graphql';

const SKIPPING = new Set(['skip', 'include']);

/**
 * Refuses a subscription whose field may be left out by `@skip` or `@include`: nothing would be subscribed to then. The rule is of
 * the specification's section 5.2.4.1, Single Root Field; graphql-js 16 does not have it yet, and fails when it starts.
 */
export const skippedSubscriptionRule: ValidationRule = (context) => ({
  OperationDefinition({ operation, name, selectionSet }) {
    if (operation !== OperationTypeNode.SUBSCRIPTION) return;
    const directives = atTop(selectionSet, (fragment) => context.getFragment(fragment)?.selectionSet)
      .flatMap((selection) => selection.directives ?? [])
      .filter((directive) => SKIPPING.has(directive.name.value));
    if (directives.length === 0) return;
    const subject = name === undefined ? 'Anonymous Subscription' : `Subscription "${name.value}"`;
    context.reportError(new GraphQLError(`${subject} must not use @skip or @include at its top level.`, { nodes: directives }));
  },
});

/** Fields of the top level, and the fragments that they stand in. */
function atTop(set: SelectionSetNode, fragmentOf: (name: string) => SelectionSetNode | undefined): SelectionNode[] {
  const found: SelectionNode[] = [];
  const visited = new Set<string>();
  const sets = [set];
  for (let next = sets.pop(); next !== undefined; next = sets.pop()) {
    for (const selection of next.selections) {
      found.push(selection);
      if (selection.kind === Kind.INLINE_FRAGMENT) sets.push(selection.selectionSet);
      if (selection.kind !== Kind.FRAGMENT_SPREAD || visited.has(selection.name.value)) continue;
      visited.add(selection.name.value);
      const inner = fragmentOf(selection.name.value);
      if (inner !== undefined) sets.push(inner);
    }
  }
  return found;
}
