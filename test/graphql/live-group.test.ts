import type { Answer, Batch, Outlet } from '../../src/graphql/live/batch.js';
import { Group } from '../../src/graphql/live/group.js';
import type { Entry } from '../../src/journal/entry.js';
import { Problem } from '../../src/problems.js';
import { eventually } from '../harness/wait.js';

/** Hears positions, and takes what it is sent only when told. */
class Ear implements Outlet {
  readonly heard: bigint[] = [];
  private whenDrained: (() => void) | undefined;

  constructor(public isDrained = true) {}

  write(batch: Batch, from: number): void {
    this.heard.push(...batch.answers.slice(from).map(({ position }) => position));
  }

  onceDrained(callback: () => void): void {
    this.whenDrained = callback;
  }

  get waits(): boolean {
    return this.whenDrained !== undefined;
  }

  drain(): void {
    this.isDrained = true;
    this.whenDrained?.();
  }
}

/** A group over a journal in memory, whose live answers are made when told. */
class Room {
  readonly journal: Entry[] = [];
  readonly failures: Error[] = [];
  private readonly answers: (() => void)[] = [];
  readonly pages: number[] = [];
  readonly group: Group;
  private handedOut = 0n;

  constructor(pageSize = 200) {
    const answer = (entries: readonly Entry[]) =>
      new Promise<Answer[]>((resolve) => {
        this.pages.push(entries.length);
        this.answers.push(() => {
          resolve(entries.map(({ position }) => ({ position, cursor: undefined, json: '{}' })));
        });
      });
    this.group = new Group(
      'key',
      {},
      answer,
      {
        handedOut: () => this.handedOut,
        pageAfter: (position, _filter, limit) => {
          const failure = this.failures.shift();
          if (failure !== undefined) return Promise.reject(failure);
          const entries = this.journal.filter((entry) => entry.position > position && entry.position <= this.handedOut).slice(0, limit);
          return Promise.resolve({ entries, upTo: entries.length < limit ? this.handedOut : (entries.at(-1)?.position ?? 0n) });
        },
        liveInTurn: (_callers, work) => work(),
        catchUpInTurn: (_callers, work) => work(),
        delivered: () => undefined,
        wrote: () => undefined,
        emptied: () => undefined,
      },
      pageSize,
    );
  }

  happen(): void {
    const entry = { position: this.handedOut + 1n } as Entry;
    this.journal.push(entry);
    this.handedOut = entry.position;
    this.group.push(entry);
    this.group.send();
  }

  answerAll(): void {
    for (const give of this.answers.splice(0)) give();
  }

  /** Answers until an ear has heard these. */
  async hears(ear: Ear, ...positions: bigint[]): Promise<void> {
    await eventually(
      () => {
        this.answerAll();
        expect(ear.heard).toEqual(positions);
      },
      { what: 'it has heard all', intervalMs: 1 },
    );
  }
}

test('who goes over while an older page is being answered misses nothing that came when nobody was live', async () => {
  const room = new Room();
  const slow = new Ear(false);
  room.group.join('caller', slow, -1n);
  await eventually(
    () => {
      expect(slow.waits).toBe(true);
    },
    { what: 'it has everything, and has not taken it' },
  );
  const leaving = room.group.join('caller', new Ear(), 0n);
  room.happen();
  await leaving.return();
  room.happen();
  const newcomer = new Ear();
  room.group.join('caller', newcomer, 2n);
  slow.drain();
  room.happen();
  await room.hears(newcomer, 3n);
  await room.hears(slow, 1n, 2n, 3n);
});

test('who catches up while the database is away waits for it, and is failed by anything else', async () => {
  const room = new Room();
  for (let count = 0; count < 3; count += 1) room.happen();
  room.failures.push(new Problem('UNAVAILABLE', 'away'));
  const patient = new Ear();
  room.group.join('caller', patient, 0n);
  await room.hears(patient, 1n, 2n, 3n);
  room.failures.push(new Problem('CURSOR_EXPIRED', 'gone'));
  await expect(room.group.join('caller', new Ear(), 0n).next()).rejects.toThrow('gone');
});

test('no more is executed at once than a page of the group holds', async () => {
  const room = new Room(2);
  for (let count = 0; count < 5; count += 1) room.happen();
  const late = new Ear();
  room.group.join('caller', late, 0n);
  await room.hears(late, 1n, 2n, 3n, 4n, 5n);
  const live = new Ear();
  room.group.join('caller', live, 5n);
  for (let count = 0; count < 5; count += 1) room.happen();
  await room.hears(live, 6n, 7n, 8n, 9n, 10n);
  expect(Math.max(...room.pages)).toBe(2);
});
