// graphql-ws with graphql-js, as both are usually put together. Usage: node graphql-ws.mjs DATABASE_URL.
import { EventEmitter, on } from 'node:events';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { followJournal } from './journal-source.mjs';

const [, , url] = process.argv;
const schema = buildSchema(`
  type LifecycleEvent { cursor: String! type: String! source: String! occurredAt: String! recordedAt: String! hostName: String volumeName: String containerName: String }
  type Query { ok: Boolean }
  type Subscription { events: LifecycleEvent! }
`);
const events = new EventEmitter().setMaxListeners(0);
const roots = {
  subscription: {
    async *events() {
      for await (const [event] of on(events, 'event')) yield { events: event };
    },
  },
};
const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/graphql', perMessageDeflate: false });
useServer({ schema, roots }, sockets);
await followJournal(url, (event) => events.emit('event', { ...event, occurredAt: event.occurredAt.toISOString(), recordedAt: event.recordedAt.toISOString() }));
process.stdout.write(`http://127.0.0.1:${String(sockets.address().port)}\n`);
