/** @alone It uses both cores. */
import { setTimeout as delay } from 'node:timers/promises';
import { readJournal } from '../harness/events.js';
import { seededChance } from '../harness/random.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';
import { checkJournal, compareTelling, differences, pictureOfEngine, pictureOfGateway } from './checks.js';
import { makeFault } from './fault-kinds.js';
import { startFaultStand } from './fault-stand.js';
import { ResumingSubscriber } from './resuming-subscriber.js';
import { Workload } from './workload.js';

// `npm run test:faults -- --minutes 10 --seed 7` sets these.
const MINUTES = Number(process.env['STOWAGE_FAULT_MINUTES'] ?? 2);
const SEED = Number(process.env['STOWAGE_FAULT_SEED'] ?? 7);
/** Milliseconds after the end of the last fault, and of the last change, within which the inventory must be true. */
const TRUE_AGAIN_MS = 5_000;
/** Milliseconds that are waited for it, so that what is late is told apart from what never comes. */
const GIVE_UP_MS = 60_000;
const SUBSCRIBERS = 4;
/** Part of the faults that begin before the one before has ended. */
const OVERLAPPING = 0.3;

const say = (words: string) => process.stdout.write(`${words}\n`);
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

test(
  `for ${String(MINUTES)} minutes of random faults (seed ${String(SEED)}) the inventory comes true again after each, and no event is lost, doubled or out of order`,
  async () => {
    const chance = seededChance(SEED);
    const stand = await startFaultStand();
    for (const { gateway } of stand.gateways) await hostsAre(gateway, 'ONLINE');
    const { gateway: anyOne } = chance.oneOf(stand.gateways);
    const start = (await readJournal(anyOne)).at(-1)?.cursor ?? 'j0';
    const urls = () => stand.gateways.map(({ url }) => url).filter((url) => url !== undefined);
    const subscribers = Array.from({ length: SUBSCRIBERS }, () => new ResumingSubscriber(urls, start));
    const began = performance.now();
    const kinds = new Map<string, number>();
    const settledAfter: number[] = [];
    const failures: string[] = [];
    let changes = 0;
    let events = 0;
    for (let round = 1; performance.now() - began < MINUTES * 60_000; round += 1) {
      const workloads = stand.engines.map(({ engine }) => new Workload(engine, seededChance(chance.between(0, 2 ** 31))));
      const running = new Map<string, Promise<void>>();
      for (let count = chance.between(3, 8); count > 0; count -= 1) {
        const fault = makeFault(stand, chance);
        await running.get(fault.thing);
        say(`[${seconds(performance.now() - began)}] ${fault.words}`);
        kinds.set(fault.thing.split(' ')[0] ?? '', (kinds.get(fault.thing.split(' ')[0] ?? '') ?? 0) + 1);
        running.set(fault.thing, fault.run());
        if (chance.chance(OVERLAPPING)) await delay(chance.between(0, 1_000));
        else await Promise.all(running.values());
        await delay(chance.between(0, 500));
      }
      await Promise.all(running.values());
      await Promise.all(workloads.map((workload) => workload.stop()));
      changes += workloads.reduce((sum, workload) => sum + workload.changes, 0);
      const quiet = performance.now();

      let found: string[] = [];
      await eventually(
        async () => {
          found = [];
          for (const { engine } of stand.engines) {
            const truth = await pictureOfEngine(engine);
            for (const { name, gateway } of stand.gateways) {
              for (const line of differences(truth, await pictureOfGateway(gateway, engine.name))) found.push(`${engine.name} at gateway ${name}: ${line}`);
            }
          }
          if (found.length > 0) throw new Error(found.join('\n'));
        },
        { what: 'the inventory is true', timeoutMs: GIVE_UP_MS, intervalMs: 100 },
      ).catch((error: unknown) => failures.push(`round ${String(round)}: ${String(error)}\n${found.join('\n')}`));
      const settled = performance.now() - quiet;
      settledAfter.push(settled);
      if (settled > TRUE_AGAIN_MS) failures.push(`round ${String(round)}: true only after ${seconds(settled)}`);

      let journal = await checkJournal(stand.database.directUrl, start);
      await eventually(
        async () => {
          journal = await checkJournal(stand.database.directUrl, start);
          for (const { heard } of subscribers) expect(heard.length).toBeGreaterThanOrEqual(journal.cursors.length);
        },
        { what: 'every subscriber has all', timeoutMs: GIVE_UP_MS, intervalMs: 200 },
      ).catch((error: unknown) => failures.push(`round ${String(round)}: ${String(error)}`));
      events = journal.cursors.length;
      failures.push(...journal.faults.map((fault) => `round ${String(round)}: journal: ${fault}`));
      const tellings = subscribers.map(({ heard }) => compareTelling(heard, journal.cursors));
      const sum = (key: 'lost' | 'doubled' | 'outOfOrder') => tellings.reduce((total, telling) => total + telling[key], 0);
      say(
        `    true after ${seconds(settled)}; ${String(changes)} changes, ${String(events)} events; lost ${String(sum('lost'))}, doubled ${String(sum('doubled'))}, out of order ${String(sum('outOfOrder'))}`,
      );
      if (sum('lost') + sum('doubled') + sum('outOfOrder') > 0) failures.push(`round ${String(round)}: ${JSON.stringify(tellings)}`);
      if (failures.length > 0) break;
    }
    await Promise.all(subscribers.map((subscriber) => subscriber.stop()));
    const sorted = [...settledAfter].sort((a, b) => a - b);
    say(
      [
        `seed ${String(SEED)}: ${String([...kinds.values()].reduce((a, b) => a + b, 0))} faults (${[...kinds].map(([kind, count]) => `${kind} ${String(count)}`).join(', ')})`,
        `${String(changes)} changes, ${String(events)} events, ${String(subscribers.reduce((total, { resumed }) => total + resumed, 0))} times resumed`,
        `true again after ${seconds(sorted[Math.floor(sorted.length / 2)] ?? 0)} in the middle, ${seconds(sorted.at(-1) ?? 0)} at most, of ${String(sorted.length)} quiet moments`,
      ].join('\n'),
    );
    await stand.stop();
    await proveNothingIsLeft();
    expect(failures).toEqual([]);
  },
  MINUTES * 60_000 + 300_000,
);
