import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeTestFolder } from '../../harness/test-folder.js';

const PROGRAM = fileURLToPath(new URL('engines.mjs', import.meta.url));

/** What each of the simulated hosts has. */
export interface SimulatedSize {
  readonly hosts: number;
  readonly volumesEach: number;
  readonly containersEach: number;
}

/** Simulated engines in a process of their own, for load alone. */
export interface SimulatedEngines {
  /** Endpoints by the hosts' names. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly pid: number;
  /** Has so many events a second come from all hosts together. Resolves to how many came so far. */
  setRate(eventsPerSecond: number): Promise<number>;
  stop(): Promise<void>;
}

/** @throws {Error} when the process ends before it listens. */
export async function startSimulatedEngines({ hosts, volumesEach, containersEach }: SimulatedSize): Promise<SimulatedEngines> {
  const folder = await makeTestFolder('simulated');
  const child = spawn(process.execPath, [PROGRAM, folder, ...[hosts, volumesEach, containersEach].map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const line = (await lines.next()) as IteratorResult<string, undefined>;
    if (line.done === true) throw new Error('the simulated engines ended');
    return line.value;
  };
  await nextLine();
  const names = Array.from({ length: hosts }, (_, index) => `sim-${String(index)}`);
  return {
    hosts: Object.fromEntries(names.map((name) => [name, `unix://${path.join(folder, `${name}.sock`)}`])),
    pid: child.pid ?? NaN,
    async setRate(eventsPerSecond) {
      child.stdin.write(`${String(eventsPerSecond)}\n`);
      return Number(await nextLine());
    },
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
