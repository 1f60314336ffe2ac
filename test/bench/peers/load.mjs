// Sends one request over and over. Usage: node load.mjs, with {url, headers, body, connections, seconds} as JSON on its
// standard input; prints {perSecond, p50, p99, failed} as JSON, times in milliseconds.
// It shares the processors with what it measures: autocannon takes 0.34 ms for an answer, this a third of it. So it only
// counts the bytes of answers, and looks at their status.
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const { url, headers, body, connections, seconds } = JSON.parse(await text(process.stdin));
const { hostname, port, host, pathname } = new URL(url);
const lines = Object.entries({ host, ...headers, 'content-length': Buffer.byteLength(body) }).map(([name, value]) => `${name}: ${value}\r\n`);
const request = Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);

const times = [];
let failed = 0;
const start = performance.now();
const end = start + seconds * 1000;

/** Asks over one connection until the time is over. */
function ask() {
  return new Promise((resolve, reject) => {
    let askedAt = 0;
    let head = '';
    let left = 0;
    const next = () => {
      askedAt = performance.now();
      if (askedAt < end) socket.write(request);
      else socket.end(resolve);
    };
    const hear = (length, bytes) => {
      if (left > 0) left -= length;
      else {
        head += bytes.toString('latin1', 0, length);
        const headEnd = head.indexOf('\r\n\r\n');
        if (headEnd < 0) return true;
        const size = /\r\ncontent-length: (\d+)/i.exec(head.slice(0, headEnd + 2));
        if (size === null) throw new Error(`an answer without its length: ${head.slice(0, headEnd)}`);
        if (!head.startsWith('HTTP/1.1 200 ')) failed += 1;
        left = Number(size[1]) - (head.length - headEnd - 4);
        head = '';
      }
      if (left < 0) throw new Error('more came than one answer');
      if (left === 0) {
        times.push(performance.now() - askedAt);
        next();
      }
      return true;
    };
    const socket = connect({ host: hostname, port, noDelay: true, onread: { buffer: Buffer.allocUnsafe(65_536), callback: hear } });
    socket.once('connect', next);
    socket.once('error', reject);
    socket.once('end', () => reject(new Error('the server has closed a connection')));
  });
}

await Promise.all(Array.from({ length: connections }, ask));
const took = (performance.now() - start) / 1000;
times.sort((one, other) => one - other);
const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
process.stdout.write(JSON.stringify({ perSecond: times.length / took, p50: at(0.5), p99: at(0.99), failed }));
