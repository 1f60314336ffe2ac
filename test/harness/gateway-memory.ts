import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Variables by which a gateway says where its memory can be asked for. */
export const INSPECTABLE = { NODE_OPTIONS: '--inspect=127.0.0.1:0' };

/**
 * Bytes that a gateway has in use after all that nobody holds is collected: what a process has taken of its system says less,
 * since Node gives it back when it likes. The gateway was started with {@link INSPECTABLE}.
 * @param output what it printed.
 */
export async function bytesInUse(output: string): Promise<number> {
  const address = /Debugger listening on (ws:\S+)/.exec(output)?.[1];
  if (address === undefined) throw new Error('the gateway was not started to be looked into');
  const socket = new WebSocket(address);
  await once(socket, 'open');
  let id = 0;
  const ask = async (method: string, params = {}): Promise<unknown> => {
    id += 1;
    socket.send(JSON.stringify({ id, method, params }));
    for (;;) {
      const [data] = (await once(socket, 'message')) as [Buffer];
      const answer = JSON.parse(data.toString()) as { id?: number; result?: unknown };
      if (answer.id === id) return answer.result;
    }
  };
  try {
    // What has a finalizer goes with the second or third.
    for (let round = 0; round < 3; round += 1) await ask('HeapProfiler.collectGarbage');
    const expression = 'process.memoryUsage().heapUsed + process.memoryUsage().external';
    const { result } = (await ask('Runtime.evaluate', { expression })) as { result: { value: number } };
    return result.value;
  } finally {
    socket.close();
  }
}
