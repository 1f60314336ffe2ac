import { maskWords } from '../src/masking.js';

test.each([
  ['username=u,pass=geheim,addr=1.2.3.4', 'username=u,pass=********,addr=1.2.3.4'],
  [
    'error while mounting volume: mount //nas/x:/m, data: addr=1.2.3.4,pass=geheim: no such device',
    'error while mounting volume: mount //nas/x:/m, data: addr=1.2.3.4,pass=********: no such device',
  ],
  ['data: password=gehe,,im: nicht,vers=3: invalid argument', 'data: password=********,vers=3: invalid argument'],
  ['data: PASSWD=gehe: im: no such device', 'data: PASSWD=********: no such device'],
  ['data: user=u%geheim,rw: no such device', 'data: user=u%********,rw: no such device'],
  ['volume is in use - [abc], bypass=1', 'volume is in use - [abc], bypass=1'],
])('of the words %p only %p is shown', (words, shown) => {
  expect(maskWords(words)).toBe(shown);
});
