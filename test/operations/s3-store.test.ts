import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { openStore } from '../../src/operations/open-store.js';
import { startFaultProxy, type FaultProxy } from '../harness/fault-proxy.js';
import { freePort } from '../harness/engine-client.js';
import { problem } from '../harness/problem-matcher.js';
import { BUCKET, startS3Server, type TestS3Server } from '../harness/s3-server.js';
import { proveNothingIsLeft } from '../harness/stand.js';
import { eventually } from '../harness/wait.js';

// Against @20minutes/s3rver, a real server in a process of its own, through a proxy that fails as networks do.

const never = new AbortController().signal;
const before = { ...process.env };
let server: TestS3Server;
let proxy: FaultProxy;

beforeAll(async () => {
  server = await startS3Server();
  proxy = await startFaultProxy({ target: { host: '127.0.0.1', port: server.port } });
});

beforeEach(() => {
  Object.assign(process.env, server.environment(proxy.port));
  proxy.setMode('pass');
});

afterAll(async () => {
  for (const name of Object.keys(server.environment())) {
    if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before[name];
  }
  await proxy.close();
  await server.stop();
  await proveNothingIsLeft();
});

const conflict = (words: RegExp) => ({ code: 'CONFLICT', message: expect.stringMatching(words) as string });
const bucket = () => openStore(`s3://${BUCKET}/some/where`, undefined).store;

// eslint-disable-next-line @typescript-eslint/require-await
async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
}

test('what is put comes back, in one part or in several, and is gone when it is removed', async () => {
  const store = bucket();
  const large = randomBytes(34_000_000);
  await store.put('small', inChunks(Buffer.from('hello')), never);
  await store.put('large', inChunks(large), never);
  expect(await server.objects()).toEqual(['some/where/large', 'some/where/small']);
  expect((await buffer(await store.get('small', never))).toString()).toBe('hello');
  expect((await buffer(await store.get('large', never))).equals(large)).toBe(true);
  expect(store.location('large')).toBe('s3://backups/some/where/large');
  await store.remove('large');
  await store.remove('large');
  await store.remove('small');
  expect(await server.objects()).toEqual([]);
  await expect(store.get('large', never)).rejects.toThrow(problem('NOT_FOUND'));
});

test('a wrong key, a bucket that is not there and a server that is away are told as such, and not taken for the database', async () => {
  const put = (place: string) => openStore(place, undefined).store.put('a', inChunks(randomBytes(10)), never);
  await expect(put('s3://nowhere/x')).rejects.toMatchObject(conflict(/no such bucket/));
  process.env['AWS_SECRET_ACCESS_KEY'] = 'another';
  await expect(put('s3://backups/x')).rejects.toMatchObject(conflict(/refuses the keys.*SignatureDoesNotMatch/));
  process.env['AWS_ACCESS_KEY_ID'] = 'nobody';
  await expect(put('s3://backups/x')).rejects.toMatchObject(conflict(/refuses the keys.*InvalidAccessKeyId/));
  Object.assign(process.env, server.environment(await freePort()));
  await expect(put('s3://backups/x')).rejects.toMatchObject(conflict(/cannot be reached.*ECONNREFUSED/));
  await expect(bucket().get('a', never)).rejects.toMatchObject(conflict(/ECONNREFUSED/));
  await expect(bucket().remove('a')).rejects.toMatchObject(conflict(/ECONNREFUSED/));
  expect(await server.objects()).toEqual([]);
});

test('a source that fails, or somebody who ends it, leaves no object', async () => {
  const store = bucket();
  const failing = async function* () {
    yield* inChunks(randomBytes(1_000_000));
    throw new Error('the source has failed');
  };
  await expect(store.put('a', failing(), never)).rejects.toThrow('the source has failed');
  const ending = new AbortController();
  const endless = async function* () {
    for (;;) {
      yield randomBytes(1_000_000);
      await delay(1);
    }
  };
  const put = store.put('b', endless(), ending.signal);
  await eventually(
    async () => {
      expect(await server.partsWritten()).toBe(true);
    },
    { what: 'a part is there' },
  );
  ending.abort(new Error('nobody wants it'));
  await expect(put).rejects.toThrow('nobody wants it');
  await eventually(
    async () => {
      expect(await server.partsWritten()).toBe(false);
    },
    { what: 'its parts are gone' },
  );
  expect(await server.objects()).toEqual([]);
});

test('what a gateway that was killed has left of an upload goes with the object that it was to become, and no other does', async () => {
  const client = new S3Client({ forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
  try {
    const begun = async (Key: string) => {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
      await client.send(new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber: 1, Body: randomBytes(10_000) }));
    };
    const left = async () => {
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
      return Uploads?.map(({ Key }) => Key).sort() ?? [];
    };
    for (const key of ['some/where/a', 'some/where/a', 'some/where/ab', 'some/other/a']) await begun(key);
    await bucket().remove('a');
    expect(await left()).toEqual(['some/other/a', 'some/where/ab']);
    await openStore(`s3://${BUCKET}/some/other`, undefined).store.remove('a');
    await bucket().remove('ab');
    expect(await left()).toEqual([]);
  } finally {
    client.destroy();
  }
});

test('a connection that is cut is made anew while something is written, and told of while something is read', async () => {
  const store = bucket();
  const bytes = randomBytes(2_000_000);
  proxy.setMode('reset');
  const put = store.put('cut', inChunks(bytes), never);
  await delay(20);
  proxy.setMode('pass');
  await put;
  // Before it is asked for: what is on its way already could be the whole of it.
  proxy.setMode('cut', { afterBytes: 1_000_000 });
  await expect(buffer(await store.get('cut', never))).rejects.toMatchObject(conflict(/has failed/));
  proxy.setMode('pass');
  expect((await buffer(await store.get('cut', never))).equals(bytes)).toBe(true);
  await store.remove('cut');
});
