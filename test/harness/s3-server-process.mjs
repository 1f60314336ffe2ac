// A real S3 server with one bucket, `backups`, in the folder that is given. Prints the port that it listens on.
import S3rver from '@20minutes/s3rver';

const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: process.argv[2], configureBuckets: [{ name: 'backups' }] });
const { port } = await server.run();
process.stdout.write(`${String(port)}\n`);
