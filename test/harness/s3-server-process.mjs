// A real S3 server with one bucket, `backups`, in the folder that is given. Prints the port that it listens on.
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';

const directory = process.argv[2];
const uploads = path.join(directory, 'backups', '._S3rver_uploads');
const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, configureBuckets: [{ name: 'backups' }] });

/** What it lacks of uploads in parts, on its own files: ListMultipartUploads and AbortMultipartUpload. Signatures are not checked here. */
async function unfinishedUploads(ctx, next) {
  const { uploads: listed, uploadId, prefix = '' } = ctx.query;
  if (ctx.method === 'GET' && listed !== undefined) {
    const ids = await readdir(uploads).catch(() => []);
    const found = await Promise.all(ids.map(async (id) => ({ Key: await readFile(path.join(uploads, id, 'key'), 'utf8'), UploadId: id })));
    ctx.body = { ListMultipartUploadsResult: { Bucket: 'backups', IsTruncated: false, Upload: found.filter(({ Key }) => Key.startsWith(prefix)) } };
    return;
  }
  if (ctx.method === 'DELETE' && uploadId !== undefined) {
    await rm(path.join(uploads, path.basename(uploadId)), { recursive: true, force: true });
    ctx.status = 204;
    return;
  }
  await next();
}

// Before the last one, which is the server's own router.
server.middleware.splice(-1, 0, unfinishedUploads);
const { port } = await server.run();
process.stdout.write(`${String(port)}\n`);
