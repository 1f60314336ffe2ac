// A plain broadcast: one text for each event, sent to every client by `ws`. Usage: node plain-ws.mjs DATABASE_URL.
import { WebSocketServer, WebSocket } from 'ws';
import { followJournal } from './journal-source.mjs';

const [, , url] = process.argv;
const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
await followJournal(url, (event) => {
  const text = JSON.stringify({ id: '1', type: 'next', payload: { data: { events: event } } });
  for (const client of sockets.clients) if (client.readyState === WebSocket.OPEN) client.send(text);
});
// It acknowledges, so that the load can treat all servers alike.
sockets.on('connection', (socket) => socket.on('message', (text) => String(text).includes('connection_init') && socket.send('{"type":"connection_ack"}')));
process.stdout.write(`http://127.0.0.1:${String(sockets.address().port)}\n`);
