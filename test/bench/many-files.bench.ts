import { succeed } from '../harness/operations.js';
import { startStand } from '../harness/stand.js';
import { describeVolume, fillOddly } from '../harness/volume-trees.js';
import { report } from './figures.js';

// 20,000 files and every other kind of entry cloned, moved, backed up and restored, and compared each time with what find,
// stat, sha256sum and getfattr tell of the engines' own disks. Fails when one differs. `BENCH_FILES` files.

const FILES = Number(process.env['BENCH_FILES'] ?? 20_000);

test('many files', async () => {
  const stand = await startStand(['alpha', 'beta']);
  try {
    const [alpha, beta] = [stand.engine('alpha'), stand.engine('beta')];
    await fillOddly(alpha, 'origin', FILES);
    const before = await describeVolume(alpha, 'origin');
    const began = performance.now();
    const same = async (what: string, engine: typeof alpha, volume: string, since: number) => {
      const seconds = ((performance.now() - since) / 1000).toFixed(1);
      const after = await describeVolume(engine, volume);
      const [lines, others] = [before.split('\n'), after.split('\n')];
      const first = others.findIndex((line, index) => line !== lines[index]);
      report(`${what} in ${seconds} s: ${after === before ? 'the same' : 'DIFFERENT'} (${String(others.length)} lines)`);
      // The whole of both would be megabytes.
      expect([others.length, others[first]]).toEqual([lines.length, lines[first]]);
      return performance.now();
    };
    await succeed(stand.gateway, 'cloneVolume', { source: { host: 'alpha', name: 'origin' }, name: 'cloned' }, 300_000);
    let since = await same('cloned', alpha, 'cloned', began);
    await succeed(stand.gateway, 'migrateVolume', { source: { host: 'alpha', name: 'cloned' }, toHost: 'beta', name: 'moved', removeSource: true }, 300_000);
    since = await same('moved', beta, 'moved', since);
    const { backup } = await succeed(stand.gateway, 'backupVolume', { volume: { host: 'beta', name: 'moved' } }, 300_000);
    await succeed(stand.gateway, 'restoreVolume', { backup: backup?.id, host: 'alpha', name: 'restored' }, 300_000);
    since = await same('backed up and restored', alpha, 'restored', since);
    await same('the source afterwards', alpha, 'origin', since);
  } finally {
    await stand.stop();
  }
});
