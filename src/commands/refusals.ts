import { findContainer } from '../inventory/containers.js';
import { findHost } from '../inventory/hosts.js';
import { findVolume } from '../inventory/volumes.js';
import { appendEntries } from '../journal/append.js';
import type { JsonValue, NewEntry } from '../journal/entry.js';
import { PROBLEM_MEANINGS, type ProblemCode } from '../problems.js';
import type { CommandContext } from './context.js';

/** A change that was asked for and not made. */
export interface Refusal {
  readonly mutation: string;
  readonly actor: string;
  /** Network address that it was asked from. */
  readonly address: string | undefined;
  readonly code: ProblemCode;
  /** What it was to change, by names. */
  readonly host?: string | undefined;
  readonly volume?: string | undefined;
  readonly container?: string | undefined;
  /** The arguments that say what was meant. */
  readonly target: JsonValue;
}

/** Longest text of an argument that is journalled, and most entries of a list. */
const MAX_TEXT = 255;
const MAX_ENTRIES = 50;
/** Arguments that only say what is meant: names and ids, never content, options, values of variables or keys. */
const NAMING = new Set(['host', 'hosts', 'name', 'newName', 'toHost', 'volume', 'volumes', 'source', 'container', 'planId', 'backup', 'id']);

/**
 * Journals changes that were refused, so that the record shows who tried what. It holds what the code means and not the
 * message, in which an engine may have repeated a password. A failure to write is logged only: the caller is to hear why the
 * change was refused.
 */
export async function journalRefusals(context: CommandContext, refusals: readonly Refusal[]): Promise<void> {
  if (refusals.length === 0) return;
  try {
    const entries = await Promise.all(refusals.map((refusal) => entryOf(context, refusal)));
    await context.database.$transaction((transaction) => appendEntries(transaction, entries));
    context.committed();
  } catch (error) {
    context.log.warn({ err: error }, 'a refused change cannot be journalled now');
  }
}

/** The part of a mutation's arguments that says what it was to change. */
export function targetOf(argument: unknown): JsonValue {
  if (typeof argument === 'string') return argument.slice(0, MAX_TEXT);
  if (Array.isArray(argument)) return argument.slice(0, MAX_ENTRIES).map(targetOf);
  if (typeof argument !== 'object' || argument === null) return null;
  const named = Object.entries(argument).filter(([key, value]) => NAMING.has(key) && value !== null && value !== undefined);
  return Object.fromEntries(named.map(([key, value]) => [key, targetOf(value)]));
}

/** What the journal tells of a mutation that was refused as a whole, by its arguments. */
export function refusedChange(mutation: string, code: ProblemCode, argument: unknown): NewEntry['attributes'] {
  return attributesOf({ mutation, code, target: targetOf(argument) });
}

function attributesOf({ mutation, code, target }: Pick<Refusal, 'mutation' | 'code' | 'target'>): NewEntry['attributes'] {
  return { mutation, code, meaning: PROBLEM_MEANINGS[code], target };
}

async function entryOf(context: CommandContext, refusal: Refusal): Promise<NewEntry> {
  const { database } = context;
  const host = refusal.host === undefined ? undefined : await findHost(database, refusal.host);
  const volume = host === undefined || refusal.volume === undefined ? undefined : await findVolume(database, host.id, refusal.volume);
  const container = host === undefined || refusal.container === undefined ? undefined : await findContainer(database, host.id, refusal.container);
  return {
    type: 'CHANGE_REFUSED',
    source: 'GATEWAY',
    occurredAt: Date.now(),
    actor: refusal.actor,
    ...(refusal.address === undefined ? {} : { address: refusal.address }),
    ...(host === undefined ? {} : { host: { id: host.id, name: host.name } }),
    ...(volume === undefined ? {} : { volume: { id: volume.id, name: volume.name } }),
    ...(container === undefined ? {} : { container: { id: container.id, name: container.name } }),
    attributes: attributesOf(refusal),
  };
}
