import { journalRefusals, targetOf, type Refusal } from '../commands/refusals.js';
import { asRecord, asText } from '../engine/json-values.js';
import type { RequestContext } from './context.js';
import { PROBLEM_MEANINGS, toShownProblem, type ProblemCode } from '../problems.js';

/** Mutations that change nothing; that a host cannot be compared now is no refusal. */
const NO_CHANGES = new Set(['syncHosts']);

/**
 * The one place that sees how every mutation ends: journals the refusal of all of it, and those that stand in the results
 * for single hosts or volumes.
 */
export async function journalled<Payload>(
  { caller, address, services: { commands: context } }: RequestContext,
  mutation: string,
  args: Readonly<Record<string, unknown>>,
  run: () => Payload | Promise<Payload>,
): Promise<Payload> {
  if (NO_CHANGES.has(mutation)) return run();
  const about = { mutation, actor: caller.name, address };
  const argument = args['input'] ?? args;
  let payload: Payload;
  try {
    payload = await run();
  } catch (error) {
    const { code } = toShownProblem(error).problem;
    await journalRefusals(context, [{ ...about, ...namesIn(argument), code, target: targetOf(argument) }]);
    throw error;
  }
  const { results } = asRecord(payload);
  if (Array.isArray(results)) {
    const { name } = asRecord(argument);
    const refused = results.map(asRecord).flatMap(({ host, name: own, error }): Refusal[] => {
      const code = asText(asRecord(error)['code']);
      if (!(code in PROBLEM_MEANINGS)) return [];
      const names = { host: asText(asRecord(host)['name']), volume: asText(own) || asText(name) };
      return [{ ...about, ...names, code: code as ProblemCode, target: names }];
    });
    await journalRefusals(context, refused);
  }
  return payload;
}

/** Host, volume and container that a mutation's argument names, where it is one of each. */
function namesIn(argument: unknown): Pick<Refusal, 'host' | 'volume' | 'container'> {
  const given = asRecord(argument);
  const volume = asRecord(given['volume'] ?? given['source']);
  const container = asRecord(given['container']);
  const text = (value: unknown) => asText(value) || undefined;
  return {
    host: text(volume['host']) ?? text(container['host']) ?? text(given['host']) ?? (given['endpoint'] === undefined ? undefined : text(given['name'])),
    volume: text(volume['name']),
    container: text(container['name']),
  };
}
