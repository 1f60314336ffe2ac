import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Host } from '../inventory/hosts.js';
import { Problem } from '../problems.js';
import type { CommandContext } from './context.js';
import { problemOf } from './host-commands.js';

/** Things done at once on one host; its engine does them one after the other anyway. */
const PARALLEL_ON_ONE_HOST = 8;

/** Things that may hang on one host that answers; with more of them, the rest would wait for a deadline after the other. */
const HANGING_ON_ONE_HOST = 3 * PARALLEL_ON_ONE_HOST;
/** Milliseconds within which a host shows that it answers, while something on it hangs. */
const SIGN_OF_LIFE_MS = 5_000;

/** What says that a host does not answer, so that asking it once more would only take longer. */
const SILENCE = new Set(['HOST_TIMEOUT', 'HOST_UNREACHABLE', 'HOST_DISABLED']);

/** That other hosts than the one that something is done on are away, which says nothing of that one. */
export class OthersAway extends Problem {}

/**
 * Does a step for each item, a bounded number of hosts at once (STOWAGE_PARALLEL_HOSTS), each step within a deadline
 * (STOWAGE_HOST_DEADLINE_SECONDS). What goes wrong with one item is its own problem, also when it hangs on a host that answers
 * otherwise; of a host that does not answer, the items that were not begun yet are not tried, and say so.
 * @returns the problem of each item, in order; null where there was none.
 */
export async function onEachHost<Item extends { readonly host: Host }>(
  context: CommandContext,
  items: readonly Item[],
  step: (item: Item, index: number) => Promise<void>,
): Promise<(Problem | null)[]> {
  const hosts = pLimit(context.parallelHosts);
  const problems: (Problem | null)[] = items.map(() => null);
  const byHost = new Map<string, { item: Item; index: number }[]>();
  items.forEach((item, index) => {
    const group = byHost.get(item.host.id) ?? [];
    group.push({ item, index });
    byHost.set(item.host.id, group);
  });
  const onHost = async (group: readonly { item: Item; index: number }[]) => {
    const onOne = pLimit(PARALLEL_ON_ONE_HOST);
    let notTried: Problem | undefined;
    let hanging = 0;
    await Promise.all(
      group.map(({ item, index }) =>
        onOne(async () => {
          if (notTried !== undefined) {
            problems[index] = notTried;
            return;
          }
          const problem = await problemOf(context, () => withinDeadline(context, item.host, () => step(item, index)));
          problems[index] = problem;
          if (problem === null || !SILENCE.has(problem.code) || problem instanceof OthersAway || onOne.pendingCount === 0) return;
          if (problem.code !== 'HOST_TIMEOUT' || !(await answers(context, item.host))) {
            notTried ??= new Problem(problem.code, `Not tried, since the host does not answer: ${problem.message}`);
          } else if ((hanging += 1) >= HANGING_ON_ONE_HOST) {
            notTried ??= new Problem('HOST_TIMEOUT', `Not tried, since ${String(hanging)} others hang on host ${item.host.name}. Ask for this one by itself.`);
          }
        }),
      ),
    );
  };
  await Promise.all([...byHost.values()].map((group) => hosts(() => onHost(group))));
  return problems;
}

/** Whether the engine of a host answers a call that needs nothing of its storage. */
async function answers(context: CommandContext, host: Host): Promise<boolean> {
  const problem = await problemOf(context, () => context.fleet.of(host).withEngine((engine) => engine.ping(SIGN_OF_LIFE_MS)));
  return problem === null;
}

/** A step that goes on beyond the deadline is left alone: what it still does shows in the inventory. */
async function withinDeadline(context: CommandContext, host: Host, step: () => Promise<void>): Promise<void> {
  const done = new AbortController();
  const working = step();
  const late = delay(context.hostDeadlineMs, undefined, { signal: done.signal }).then(() => {
    const seconds = String(context.hostDeadlineMs / 1000);
    throw new Problem('HOST_TIMEOUT', `Host ${host.name} was not done within ${seconds} s (STOWAGE_HOST_DEADLINE_SECONDS). Whether it was done is not known.`);
  });
  try {
    await Promise.race([working, late]);
  } finally {
    done.abort();
    working.catch(() => undefined);
    late.catch(() => undefined);
  }
}
