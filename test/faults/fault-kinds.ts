import { setTimeout as delay } from 'node:timers/promises';
import type { Chance } from '../harness/random.js';
import type { FaultProxy } from '../harness/fault-proxy.js';
import type { FaultStand } from './fault-stand.js';

/** Longest that one fault lasts, in milliseconds. */
const MAX_FAULT_MS = 6_000;

/** Something that breaks, for how long, and that is whole again when `run` resolves. */
export interface Fault {
  /** For people: "gateway first killed (1,200 ms)". */
  readonly words: string;
  /** What is broken: two faults of one thing are never at once. */
  readonly thing: string;
  run(): Promise<void>;
}

type Make = (stand: FaultStand, chance: Chance) => Fault;

const KINDS: readonly Make[] = [
  killEngine,
  cutLink,
  stallLink,
  loseLink,
  slowLink,
  endGateway('kill'),
  endGateway('stop'),
  freezeGateway,
  freezeGateway,
  restartDatabase,
  cutDatabaseLink,
];

/** The next fault. */
export function makeFault(stand: FaultStand, chance: Chance): Fault {
  return chance.oneOf(KINDS)(stand, chance);
}

const lasting = (chance: Chance) => chance.between(100, MAX_FAULT_MS);

function killEngine(stand: FaultStand, chance: Chance): Fault {
  const { engine } = chance.oneOf(stand.engines);
  const ms = lasting(chance);
  return {
    words: `engine ${engine.name} killed, started again after ${String(ms)} ms`,
    thing: `engine ${engine.name}`,
    async run() {
      await engine.kill();
      await delay(ms);
      await engine.start();
    },
  };
}

async function breakLink(link: FaultProxy, ms: number, how: () => void): Promise<void> {
  how();
  await delay(ms);
  link.setMode('pass');
}

function cutLink(stand: FaultStand, chance: Chance): Fault {
  const { engine, link } = chance.oneOf(stand.engines);
  const ms = lasting(chance);
  return {
    words: `link to ${engine.name} cut for ${String(ms)} ms`,
    thing: `link ${engine.name}`,
    run: () =>
      breakLink(link, ms, () => {
        link.setMode('reset');
      }),
  };
}

function stallLink(stand: FaultStand, chance: Chance): Fault {
  const { engine, link } = chance.oneOf(stand.engines);
  const ms = lasting(chance);
  const mode = chance.oneOf(['stall', 'blackhole'] as const);
  return {
    words: `link to ${engine.name} ${mode === 'stall' ? 'holds answers back' : 'carries nothing'} for ${String(ms)} ms`,
    thing: `link ${engine.name}`,
    run: () =>
      breakLink(link, ms, () => {
        link.setMode(mode);
      }),
  };
}

function loseLink(stand: FaultStand, chance: Chance): Fault {
  const { engine, link } = chance.oneOf(stand.engines);
  const ms = lasting(chance);
  return {
    words: `connections to ${engine.name} forgotten, and reset after ${String(ms)} ms`,
    thing: `link ${engine.name}`,
    async run() {
      link.abandon();
      await delay(ms);
      link.setMode('reset');
      link.setMode('pass');
    },
  };
}

function slowLink(stand: FaultStand, chance: Chance): Fault {
  const { engine, link } = chance.oneOf(stand.engines);
  const ms = lasting(chance);
  return {
    words: `link to ${engine.name} slow for ${String(ms)} ms`,
    thing: `link ${engine.name}`,
    run: () =>
      breakLink(link, ms, () => {
        link.setMode('slow', { bytesPerSecond: 20_000, delayMs: 100 });
      }),
  };
}

function endGateway(how: 'kill' | 'stop'): Make {
  return (stand, chance) => {
    const gateway = chance.oneOf(stand.gateways);
    const ms = lasting(chance);
    return {
      words: `gateway ${gateway.name} ${how === 'kill' ? 'killed' : 'stopped'}, started again after ${String(ms)} ms`,
      thing: `gateway ${gateway.name}`,
      async run() {
        await gateway.end(how);
        await delay(ms);
        await gateway.start();
      },
    };
  };
}

function freezeGateway(stand: FaultStand, chance: Chance): Fault {
  const gateway = chance.oneOf(stand.gateways);
  const ms = lasting(chance) * 2;
  return {
    words: `gateway ${gateway.name} frozen for ${String(ms)} ms`,
    thing: `gateway ${gateway.name}`,
    async run() {
      const { process } = gateway.gateway;
      process.kill('SIGSTOP');
      await delay(ms);
      process.kill('SIGCONT');
    },
  };
}

function restartDatabase({ database }: FaultStand, chance: Chance): Fault {
  const ms = lasting(chance);
  const how = chance.oneOf(['stop', 'kill'] as const);
  return {
    words: `PostgreSQL ${how === 'kill' ? 'killed' : 'stopped'}, started again after ${String(ms)} ms`,
    thing: 'database',
    async run() {
      await database.end(how);
      await delay(ms);
      await database.startAgain();
    },
  };
}

function cutDatabaseLink({ database }: FaultStand, chance: Chance): Fault {
  const ms = lasting(chance);
  const mode = chance.oneOf(['reset', 'blackhole'] as const);
  return {
    words: `link to PostgreSQL ${mode === 'reset' ? 'cut' : 'carries nothing'} for ${String(ms)} ms`,
    thing: 'database',
    run: () =>
      breakLink(database.link, ms, () => {
        database.link.setMode(mode);
      }),
  };
}
