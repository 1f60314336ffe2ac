import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { IMAGE } from '../harness/engines.js';
import { perform, readOperation } from '../harness/operations.js';
import { startStand, type Stand } from '../harness/stand.js';
import { inVolume } from '../harness/volume-trees.js';
import { eventually } from '../harness/wait.js';
import { report } from './figures.js';

// Backups of a volume whose files are rewritten in place meanwhile. Each write puts one number over a whole file, so that a
// file with two numbers in it, or of another size, is one that never was. Fails when one that is called good is torn, and
// when one with PAUSE is not good. `BENCH_BACKUPS` in all, half of them with PAUSE; 200 by default.

const COUNT = Number(process.env['BENCH_BACKUPS'] ?? 200);
const FILES = 8;
const FILE_BYTES = 1024 * 1024;
/** Now and then it rests long enough for a backup to see nothing change. */
const WRITER = `n=0; while true; do n=$((n+1)); yes $n | head -c ${String(FILE_BYTES)} >/src
for f in $(seq ${String(FILES)}); do dd if=/src of=/v/f$f bs=1M count=1 conv=notrunc 2>/dev/null; done; [ $((n % 25)) -eq 0 ] && sleep 1; done`;
const run = promisify(execFile);

/** What is torn in a stored backup: by `zstd` and `tar`. */
async function tornIn(file: string): Promise<string[]> {
  const torn: string[] = [];
  for (let number = 1; number <= FILES; number += 1) {
    // The last line of a file is cut by its size.
    const read = `zstd -dc "$1" | tar -xO volume/f${String(number)}`;
    const script = `${read} | sed '$d' | sort -u | wc -l; ${read} | wc -c`;
    const { stdout } = await run('bash', ['-c', script, 'bash', file]);
    const [numbers = '', bytes = ''] = stdout.split('\n');
    if (Number(numbers) !== 1 || Number(bytes) !== FILE_BYTES) torn.push(`f${String(number)}: ${numbers} numbers, ${bytes} bytes`);
  }
  return torn;
}

let stand: Stand;

beforeAll(async () => {
  stand = await startStand(['alpha']);
  const alpha = stand.engine('alpha');
  await alpha.cli('run', '-d', '--network', 'none', '-v', 'written:/v', IMAGE, 'sh', '-c', WRITER);
  await eventually(() => inVolume(alpha, 'written', `test -s f${String(FILES)}`), { what: 'all files are there' });
});

afterAll(async () => {
  await stand.stop();
});

test.each(['LIVE', 'PAUSE'])('backups under a writer with %s', async (quiesce) => {
  const rounds = COUNT / 2;
  const figures = { good: 0, goodAndTorn: 0, told: 0, toldAndTorn: 0, failed: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const { id, state } = await perform(stand.gateway, 'backupVolume', { volume: { host: 'alpha', name: 'written' }, quiesce });
    const { backup } = await readOperation(stand.gateway, id);
    if (state !== 'SUCCEEDED' || backup === null) {
      figures.failed += 1;
      continue;
    }
    const torn = (await tornIn(backup.location.slice('file://'.length))).length > 0;
    figures[backup.consistent ? 'good' : 'told'] += 1;
    if (torn) figures[backup.consistent ? 'goodAndTorn' : 'toldAndTorn'] += 1;
    await stand.gateway.query('mutation ($id: ID!) { deleteBackup(backup: $id) { removed } }', { id: backup.id });
  }
  report(
    `${quiesce}: ${String(figures.good)} called good, of them torn ${String(figures.goodAndTorn)}; ${String(figures.told)} told to have changed, of them torn ${String(figures.toldAndTorn)}; ${String(figures.failed)} failed`,
  );
  expect(figures.goodAndTorn).toBe(0);
  if (quiesce === 'PAUSE') expect(figures.good).toBe(rounds);
});
