import { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { missing, type BackupStore } from './backup-store.js';

/** Bytes of one part of an upload: S3 takes 10,000 of them, so 320 GB; up to two are in memory. */
const PART_BYTES = 32 * 1024 * 1024;
const PARTS_AT_ONCE = 2;

/** A bucket of S3 or of anything that speaks its language. Keys, region and endpoint come from the usual AWS variables. */
export class S3Store implements BackupStore {
  private readonly client: S3Client;

  constructor(
    private readonly bucket: string,
    private readonly prefix: string,
  ) {
    // Servers other than Amazon's are seldom reached by a host name for each bucket.
    const own = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
    this.client = new S3Client({ forcePathStyle: own !== undefined, ...(process.env['AWS_REGION'] === undefined ? { region: 'us-east-1' } : {}) });
  }

  async put(name: string, chunks: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void> {
    const upload = new Upload({
      client: this.client,
      params: { Bucket: this.bucket, Key: this.key(name), Body: Readable.from(chunks, { objectMode: false }) },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    const abort = () => {
      void upload.abort();
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      await upload.done();
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async get(name: string, signal: AbortSignal): Promise<Readable> {
    try {
      const { Body: body } = await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: this.key(name) }), { abortSignal: signal });
      return body as Readable;
    } catch (error) {
      if (error instanceof NoSuchKey) throw missing(this.location(name));
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: this.key(name) }));
  }

  location(name: string): string {
    return `s3://${this.bucket}/${this.key(name)}`;
  }

  private key(name: string): string {
    return `${this.prefix}${name}`;
  }
}
