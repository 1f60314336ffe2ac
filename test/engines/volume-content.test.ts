import { finished, perform, readOperation, request, succeed, type ToldOperation } from '../harness/operations.js';
import { IMAGE, type TestEngine } from '../harness/engines.js';
import { readJournal } from '../harness/events.js';
import { startStand, type Stand } from '../harness/stand.js';
import { describeVolume, fillOddly, inVolume } from '../harness/volume-trees.js';
import { eventually } from '../harness/wait.js';

let stand: Stand;
let alpha: TestEngine;
let beta: TestEngine;

beforeAll(async () => {
  stand = await startStand(['alpha', 'beta']);
  alpha = stand.engine('alpha');
  beta = stand.engine('beta');
});

afterAll(async () => {
  await stand.stop();
});

afterEach(async () => {
  await Promise.all(stand.engines.map((engine) => engine.reset()));
});

async function volumesOf(engine: TestEngine): Promise<string[]> {
  return (await engine.cli('volume', 'ls', '-q')).split('\n').filter((name) => name !== '').sort();
}

/** Helpers that are left on an engine. */
async function helpersOf(engine: TestEngine): Promise<string> {
  return engine.cli('ps', '-aq', '--filter', 'label=io.stowage.helper');
}

describe('a tree of every kind of entry', () => {
  test('is the same after clone, move, backup and restore, by tools that are not ours', async () => {
    await fillOddly(alpha, 'origin', 2_000);
    const before = await describeVolume(alpha, 'origin');
    const clone = await succeed(stand.gateway, 'cloneVolume', { source: { host: 'alpha', name: 'origin' }, name: 'cloned' });
    expect(clone).toMatchObject({ kind: 'CLONE', target: { name: 'cloned', state: 'DANGLING' }, warnings: [] });
    expect(await describeVolume(alpha, 'cloned')).toBe(before);
    await succeed(stand.gateway, 'migrateVolume', { source: { host: 'alpha', name: 'cloned' }, toHost: 'beta', name: 'moved', removeSource: true });
    expect(await describeVolume(beta, 'moved')).toBe(before);
    expect(await volumesOf(alpha)).toEqual(['origin']);
    const { backup } = await succeed(stand.gateway, 'backupVolume', { volume: { host: 'beta', name: 'moved' } });
    await succeed(stand.gateway, 'restoreVolume', { backup: backup?.id, host: 'alpha', name: 'restored' });
    expect(await describeVolume(alpha, 'restored')).toBe(before);
    expect(await describeVolume(alpha, 'origin')).toBe(before);
    expect([await helpersOf(alpha), await helpersOf(beta)]).toEqual(['', '']);
  });
});

void [finished, perform, readOperation, request, readJournal, eventually, inVolume, IMAGE];
export type { ToldOperation };
