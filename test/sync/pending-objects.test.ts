import { PendingObjects } from '../../src/sync/pending-objects.js';
import type { EngineEvent } from '../../src/engine/model.js';
import { eventually } from '../harness/wait.js';

const event = (type: 'volume' | 'container', actorId: string, attributes: Record<string, string> = {}): EngineEvent => ({
  type,
  action: 'create',
  actorId,
  attributes,
  timeNano: 1n,
});
const actors = (pending: PendingObjects) => [...pending.take().objects.values()].map(({ key, actor }) => [key, actor]);

test('what is heard of an object that is being changed through the gateway is of who changes it, before the change is answered', () => {
  const pending = new PendingObjects();
  pending.claim({ kind: 'volume', key: 'data', actor: 'ann' });
  pending.claim({ kind: 'container', key: 'web', actor: 'bob' });
  pending.hear(event('volume', 'data'));
  pending.hear(event('volume', 'other'));
  pending.hear(event('container', 'a'.repeat(64), { name: 'web' }));
  pending.hear(event('container', 'b'.repeat(64), { name: 'data' }));
  expect(actors(pending)).toEqual([
    ['data', 'ann'],
    ['other', undefined],
    ['a'.repeat(64), 'bob'],
    ['b'.repeat(64), undefined],
  ]);
});

test('a change that was made claims what is heard at once, and a moment later nothing any more', async () => {
  const pending = new PendingObjects();
  pending.claim({ kind: 'volume', key: 'data', actor: 'ann' }).release();
  pending.hear(event('volume', 'data'));
  expect(actors(pending)).toEqual([['data', 'ann']]);
  await eventually(
    () => {
      pending.hear(event('volume', 'data'));
      expect(actors(pending)).toEqual([['data', undefined]]);
    },
    { what: 'the claim has ended' },
  );
});

test('an object that did not answer is looked at later with all that was heard of it', () => {
  const pending = new PendingObjects();
  pending.hear(event('volume', 'data'));
  pending.recheck('volume', 'data', new Map([['destroy', 5n]]));
  const [object] = pending.take().objects.values();
  expect(object?.signs).toEqual(
    new Map([
      ['create', 1n],
      ['destroy', 5n],
    ]),
  );
  expect(object?.asked).toBe(false);
});
