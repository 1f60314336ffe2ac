import { DocumentTurns } from '../../src/server/document-turns.js';

const busyFor = (ms: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

test('documents of one caller that come at once leave another caller a turn, and the event loop its rounds', async () => {
  const turns = new DocumentTurns();
  const order: string[] = [];
  let rounds = 0;
  let isOver = false;
  const countRounds = () => {
    rounds += 1;
    if (!isOver) setImmediate(countRounds);
  };
  countRounds();
  const read = (caller: string) =>
    turns.take(caller, () => {
      busyFor(3);
      order.push(caller);
    });
  await Promise.all([...Array.from({ length: 20 }, () => read('many')), read('one')]);
  isOver = true;
  expect(order.indexOf('one')).toBeLessThanOrEqual(2);
  expect(rounds).toBeGreaterThanOrEqual(10);
});

test('a turn ends once, whatever happens in it', async () => {
  const turns = new DocumentTurns();
  await expect(
    turns.take('one', () => {
      throw new Error('wrong document');
    }),
  ).rejects.toThrow('wrong document');
  const end = await turns.begin('one');
  end();
  end();
  const order: string[] = [];
  const second = await turns.begin('one');
  const third = turns.take('one', () => order.push('third'));
  order.push('second');
  second();
  await third;
  expect(order).toEqual(['second', 'third']);
});
