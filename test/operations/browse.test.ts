import type { Host } from '../../src/inventory/hosts.js';
import { problem } from '../harness/problem-matcher.js';
import { DirectoryReads } from '../../src/operations/browse.js';

const host = (name: string) => ({ id: name, name }) as Host;

test('directories are read so many at once on each host, the others in their order, also after one that fails', async () => {
  const reads = new DirectoryReads();
  const begun: string[] = [];
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const ask = (where: string, number: number) => {
    const name = `${where} ${String(number)}`;
    const read = () =>
      new Promise<void>((resolve, reject) => {
        begun.push(name);
        ends.set(name, { resolve, reject });
      });
    return reads.inTurn(host(where), read);
  };
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const asked = [1, 2, 3, 4, 5, 6].map((number) => ask('alpha', number));
  const outcomes = Promise.allSettled(asked);
  const elsewhere = ask('beta', 1);
  await settled();
  expect(begun).toEqual(['alpha 1', 'alpha 2', 'alpha 3', 'alpha 4', 'beta 1']);
  ends.get('alpha 2')?.reject(new Error('gone'));
  await settled();
  expect(begun.at(-1)).toBe('alpha 5');
  ends.get('beta 1')?.resolve();
  await elsewhere;
  expect(begun.at(-1)).toBe('alpha 5');
  for (const number of [1, 3, 4, 5]) ends.get(`alpha ${String(number)}`)?.resolve();
  await settled();
  ends.get('alpha 6')?.resolve();
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'fulfilled']);
});

test('whose turn does not come in time is told so, and reads nothing', async () => {
  const never = () => Promise.reject(new Error('it is not its turn'));
  await expect(new DirectoryReads(-1).inTurn(host('alpha'), never)).rejects.toThrow(problem('LIMIT_EXCEEDED'));
});
