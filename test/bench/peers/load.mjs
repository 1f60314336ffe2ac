// Sends one request over and over. Usage: node load.mjs, with {url, headers, body, connections, seconds} as JSON on its
// standard input; prints {perSecond, p50, p99, failed} as JSON, times in milliseconds.
import { text } from 'node:stream/consumers';
import autocannon from 'autocannon';

const { url, headers, body, connections, seconds } = JSON.parse(await text(process.stdin));
const result = await autocannon({ url, method: 'POST', headers, body, connections, duration: seconds });
const failed = result.non2xx + result.errors + result.timeouts;
process.stdout.write(JSON.stringify({ perSecond: result.requests.average, p50: result.latency.p50, p99: result.latency.p99, failed }));
