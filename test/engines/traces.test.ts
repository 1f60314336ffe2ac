import { startEngine, type TestEngine } from '../harness/engines.js';
import { startGateway, TEST_SECRET } from '../harness/gateway.js';
import { hostsAre, proveNothingIsLeft } from '../harness/stand.js';
import { startTraceReceiver, type ReceivedSpan, type TraceReceiver } from '../harness/trace-receiver.js';
import { eventually } from '../harness/wait.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

let engine: TestEngine;
let receiver: TraceReceiver;
beforeAll(async () => {
  [engine, receiver] = await Promise.all([startEngine({ name: 'traced' }), startTraceReceiver()]);
});
afterAll(async () => {
  await receiver.stop();
  await engine.stop();
  await proveNothingIsLeft();
});

const start = (environment: Record<string, string>) =>
  startGateway({ hosts: { traced: engine.endpoint }, environment: { OTEL_BSP_SCHEDULE_DELAY: '100', ...environment } });

/** The span and all that lead up to it, by their names. */
function wayTo(span: ReceivedSpan): string[] {
  const above = receiver.spans.find(({ spanId, traceId }) => spanId === span.parentSpanId && traceId === span.traceId);
  return above === undefined ? [span.name] : [...wayTo(above), span.name];
}

test('a mutation, what it asks of the engine and what it writes are one trace, which goes on from that of the client', async () => {
  const gateway = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
  await hostsAre(gateway, 'ONLINE');
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TEST_SECRET}`, traceparent: `00-${TRACE}-${PARENT}-01` },
    body: JSON.stringify({
      query:
        'mutation Makes { createVolume(input: { hosts: ["traced"], name: "traced-volume" }) { results { created volume { host { name } } error { message } } } }',
    }),
  });
  expect(await response.json()).toMatchObject({ data: { createVolume: { results: [{ created: true, error: null }] } } });
  await eventually(
    () => {
      const spans = receiver.spans.filter(({ traceId }) => traceId === TRACE);
      expect(spans.find(({ name }) => name === 'mutation Makes')).toMatchObject({ parentSpanId: PARENT });
      const ways = spans.map(wayTo);
      expect(ways).toContainEqual(['mutation Makes', 'engine POST /volumes/create']);
      expect(ways).toContainEqual(['mutation Makes', 'postgresql read']);
      expect(ways.some(([first, ...rest]) => first === 'mutation Makes' && rest.includes('prisma:client:db_query'))).toBe(true);
    },
    { what: 'the whole trace is sent' },
  );
  // What watches the host has traces of its own.
  expect(receiver.spans.map(wayTo)).toContainEqual(['look at host', 'engine GET /volumes']);
  expect(JSON.stringify(receiver.spans)).not.toContain(TEST_SECRET);
  expect(await gateway.stop()).toBe(0);
});

test('without another word traces are sent as protobuf, to /v1/traces', async () => {
  const gateway = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: 'stowage-of-a-test' });
  await gateway.query('query AsksForHosts { hosts { name } }');
  // What was not sent yet is sent when it stops.
  expect(await gateway.stop()).toBe(0);
  const sent = receiver.requests.filter(({ type }) => type === 'application/x-protobuf');
  expect(sent.map(({ path }) => path)).toContain('/v1/traces');
  const bodies = Buffer.concat(sent.map(({ body }) => body));
  expect(bodies.includes('query AsksForHosts')).toBe(true);
  expect(bodies.includes('stowage-of-a-test')).toBe(true);
});

test('a protocol that is not spoken ends the start with words that say so', async () => {
  await expect(start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).rejects.toThrow(
    'OTEL_EXPORTER_OTLP_PROTOCOL is grpc; traces are sent by http/protobuf or http/json.',
  );
});
