import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { enginePrograms } from '../harness/engine-programs.js';
import { startStand } from '../harness/stand.js';
import { describeMs, median, report } from './figures.js';

const EVENTS = 300;
const PAUSE_MS = 30;

test('from the change on an engine to a subscriber, beside `docker events`', async () => {
  const stand = await startStand(['bench']);
  const engine = stand.engine('bench');
  const cli = new Map<string, number>();
  const subscribed = new Map<string, number>();
  const { docker } = await enginePrograms();
  const events = spawn(docker, ['-H', engine.endpoint, 'events', '--filter', 'event=create', '--format', '{{.Actor.ID}}'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  events.stdout.on('data', (chunk: Buffer) => {
    for (const name of chunk.toString().trim().split('\n')) cli.set(name, performance.now());
  });
  stand.gateway.client().subscribe<{ events: { volumeName: string } }>(
    { query: 'subscription { events(filter: { types: [VOLUME_CREATED] }) { cursor type occurredAt hostName volumeName volume { name state } } }' },
    {
      next: ({ data }) => {
        if (data !== null && data !== undefined) subscribed.set(data.events.volumeName, performance.now());
      },
      error: () => undefined,
      complete: () => undefined,
    },
  );
  await delay(1_000);
  const made = new Map<string, number>();
  for (let index = 0; index < EVENTS; index += 1) {
    const name = `volume-${String(index)}`;
    made.set(name, performance.now());
    await engine.docker.createVolume({ Name: name });
    await delay(PAUSE_MS);
  }
  await delay(1_000);
  const names = [...made.keys()].filter((name) => cli.has(name) && subscribed.has(name));
  const since = (times: Map<string, number>) => names.map((name) => (times.get(name) ?? NaN) - (made.get(name) ?? NaN));
  const difference = names.map((name) => (subscribed.get(name) ?? NaN) - (cli.get(name) ?? NaN));
  report(describeMs('`docker events` has it after', since(cli)));
  report(describeMs('a subscriber has it after', since(subscribed)));
  report(describeMs('later than `docker events` by', difference));
  report(`in the middle ${median(difference).toFixed(1)} ms later; heard by both: ${String(names.length)} of ${String(EVENTS)}`);
  events.kill();
  await once(events, 'exit');
  await stand.stop();
});
