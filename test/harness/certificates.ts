import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TlsFiles } from './test-engine.js';

const run = promisify(execFile);

/** A certificate authority of a test, with its files in a folder. */
export interface Authority {
  /** The CA's certificate in PEM form. */
  readonly ca: string;
  /** Files of a server certificate for these names, e.g. `IP:127.0.0.1`. */
  serverFiles(names: readonly string[]): Promise<TlsFiles>;
  /** Certificate and key of a client, in PEM form. */
  client(): Promise<{ readonly cert: string; readonly key: string }>;
}

/** Makes an authority with the openssl command. `label` tells it from others in the same folder. */
export async function makeAuthority(folder: string, label: string): Promise<Authority> {
  const file = (name: string) => path.join(folder, `${label}-${name}`);
  const openssl = (...args: string[]) => run('openssl', args);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...key, '-days', '2', '-subj', `/CN=${label}`, '-keyout', file('ca.key'), '-out', file('ca.pem'));
  const issue = async (name: string, extensions: string): Promise<{ cert: string; key: string }> => {
    await openssl('req', ...key, '-subj', `/CN=${label} ${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.csr`));
    await writeFile(file(`${name}.ext`), extensions);
    const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file(`${name}.ext`)];
    await openssl('x509', '-req', '-days', '2', '-in', file(`${name}.csr`), ...by, '-out', file(`${name}.pem`));
    return { cert: file(`${name}.pem`), key: file(`${name}.key`) };
  };
  return {
    ca: await readFile(file('ca.pem'), 'utf8'),
    async serverFiles(names) {
      const files = await issue('server', `subjectAltName=${names.join(',')}\nextendedKeyUsage=serverAuth\n`);
      return { ca: file('ca.pem'), ...files };
    },
    async client() {
      const files = await issue('client', 'extendedKeyUsage=clientAuth\n');
      return { cert: await readFile(files.cert, 'utf8'), key: await readFile(files.key, 'utf8') };
    },
  };
}
