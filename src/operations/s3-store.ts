import { Readable } from 'node:stream';
import { AbortMultipartUploadCommand, DeleteObjectCommand, GetObjectCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Problem } from '../problems.js';
import { missing, unusable, type BackupStore } from './backup-store.js';

/** Bytes of one part of an upload: S3 takes 10,000 of them, so 320 GB; up to two are in memory. */
const PART_BYTES = 32 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
/** Milliseconds for a connection, and without a byte on one. The SDK alone would wait for ever; it tries three times. */
const CONNECT_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 30_000;

/** Names of S3's errors that say that the keys are wrong or may not do this. */
const REFUSALS = new Set([
  ...['AccessDenied', 'AuthorizationHeaderMalformed', 'ExpiredToken', 'Forbidden', 'InvalidAccessKeyId', 'InvalidToken', 'SignatureDoesNotMatch'],
  // The SDK's own: there are none.
  'CredentialsProviderError',
]);

/** Names of S3's errors after which an object is removed all the same: the parts are left to the bucket's own rules, or gone. */
const UPLOADS_KEPT = new Set(['AccessDenied', 'Forbidden', 'MethodNotAllowed', 'NoSuchUpload', 'NotImplemented']);

/** A bucket of S3 or of anything that speaks its language. Keys, region and endpoint come from the usual AWS variables. */
export class S3Store implements BackupStore {
  private readonly client: S3Client;

  constructor(
    private readonly bucket: string,
    private readonly prefix: string,
  ) {
    const own = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
    this.client = new S3Client({
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
      ...(process.env['AWS_REGION'] === undefined ? { region: 'us-east-1' } : {}),
      // Servers other than Amazon's are seldom reached by a host name for each bucket, and some know no checksums beside
      // the signature's. What a backup holds is checked by its own sha256.
      ...(own === undefined ? {} : { forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }),
    });
  }

  async put(name: string, chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    let failure: unknown;
    const watched = async function* () {
      try {
        yield* chunks;
      } catch (error) {
        failure = error;
        throw error;
      }
    };
    const body = Readable.from(watched(), { objectMode: false });
    const upload = new Upload({
      client: this.client,
      params: { Bucket: this.bucket, Key: this.key(name), Body: body },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    const abort = () => {
      void upload.abort();
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      // A failed or aborted upload takes its parts away again.
      await upload.done();
    } catch (error) {
      signal.throwIfAborted();
      throw failure instanceof Error ? failure : this.explain(error, name);
    } finally {
      signal.removeEventListener('abort', abort);
      body.destroy();
    }
  }

  async get(name: string, signal: AbortSignal): Promise<Readable> {
    const answer = await this.send(name, () => this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: this.key(name) }), { abortSignal: signal }));
    const body = answer.Body as Readable;
    const explain = (error: unknown) => this.explain(error, name);
    const read = async function* () {
      try {
        yield* body as AsyncIterable<Buffer>;
      } catch (error) {
        throw explain(error);
      } finally {
        body.destroy();
      }
    };
    return Readable.from(read(), { objectMode: false });
  }

  async remove(name: string): Promise<void> {
    // First: one that comes to its end meanwhile makes an object.
    await this.abortUploads(name);
    await this.send(name, () => this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: this.key(name) })));
  }

  /** Takes away the parts of unfinished uploads of an object: what a gateway that was killed has left. */
  private async abortUploads(name: string): Promise<void> {
    const about = { Bucket: this.bucket, Key: this.key(name) };
    try {
      const { Uploads } = await this.client.send(new ListMultipartUploadsCommand({ Bucket: about.Bucket, Prefix: about.Key }));
      for (const { Key, UploadId } of Uploads ?? []) {
        if (Key === about.Key) await this.client.send(new AbortMultipartUploadCommand({ ...about, UploadId }));
      }
    } catch (error) {
      const { name: kind } = error as { name?: unknown };
      if (typeof kind !== 'string' || !UPLOADS_KEPT.has(kind)) throw this.explain(error, name);
    }
  }

  location(name: string): string {
    return `s3://${this.bucket}/${this.key(name)}`;
  }

  private key(name: string): string {
    return `${this.prefix}${name}`;
  }

  private async send<T>(name: string, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      throw this.explain(error, name);
    }
  }

  /** S3's own words may repeat keys: only the name of the error is shown. */
  private explain(error: unknown, name: string): Error {
    if (error instanceof Problem) return error;
    const { name: kind, code, message } = error as { name?: unknown; code?: unknown; message?: unknown };
    // A failure that the SDK has wrapped has the system's code in its words only.
    const told = typeof message === 'string' ? /\bE[A-Z]{4,20}\b/.exec(message)?.[0] : undefined;
    const shown = [code, told, kind].find((word): word is string => typeof word === 'string' && /^\w{1,60}$/.test(word)) ?? 'unknown error';
    if (kind === 'NoSuchKey') return missing(this.location(name));
    const place = `s3://${this.bucket}`;
    if (kind === 'NoSuchBucket') return unusable(place, 'there is no such bucket', error);
    if (typeof kind === 'string' && REFUSALS.has(kind)) {
      return unusable(place, `it refuses the keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: ${kind}`, error);
    }
    return unusable(place, `it cannot be reached, or has failed: ${shown}`, error);
  }
}
