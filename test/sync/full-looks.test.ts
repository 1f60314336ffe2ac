import { FullLooks } from '../../src/sync/full-looks.js';

/** Work that ends when it is told to. */
function makeWork() {
  const work = { hasBegun: false, end: (): void => undefined, fail: (_error: Error): void => undefined, do: () => Promise.resolve() };
  const ended = new Promise<void>((resolve, reject) => {
    work.end = resolve;
    work.fail = reject;
  });
  work.do = () => {
    work.hasBegun = true;
    return ended;
  };
  return work;
}

test('no more hosts are compared at once than there are turns; the next one begins when one has ended, also by a failure', async () => {
  const looks = new FullLooks(2, 60_000);
  const [first, second, third, fourth] = [makeWork(), makeWork(), makeWork(), makeWork()] as const;
  const done = [first, second, third, fourth].map((work) => looks.take(work.do));
  expect([first, second, third, fourth].map(({ hasBegun }) => hasBegun)).toEqual([true, true, false, false]);
  second.end();
  await done[1];
  expect([third.hasBegun, fourth.hasBegun]).toEqual([true, false]);
  first.fail(new Error('its engine is gone'));
  await expect(done[0]).rejects.toThrow('its engine is gone');
  expect(fourth.hasBegun).toBe(true);
  third.end();
  fourth.end();
  await Promise.all(done.slice(2));
  // All turns are free again.
  const [fifth, sixth, seventh] = [makeWork(), makeWork(), makeWork()] as const;
  const later = [fifth, sixth, seventh].map((work) => looks.take(work.do));
  expect([fifth, sixth, seventh].map(({ hasBegun }) => hasBegun)).toEqual([true, true, false]);
  for (const work of [fifth, sixth, seventh]) work.end();
  await Promise.all(later);
});

test('one that takes long gives its turn on, and not twice', async () => {
  const looks = new FullLooks(1, 1);
  const [hanging, second] = [makeWork(), makeWork()] as const;
  const first = looks.take(hanging.do);
  let third = Promise.resolve();
  await looks.take(() => {
    // Ends while the second one has the turn: it has none to give on.
    hanging.end();
    return first.then(() => {
      third = looks.take(second.do);
      expect(second.hasBegun).toBe(false);
    });
  });
  second.end();
  await third;
  expect(second.hasBegun).toBe(true);
});
