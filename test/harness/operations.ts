import { eventually } from './wait.js';
import type { TestGateway } from './gateway.js';

/** An operation as the tests ask for it. */
export interface ToldOperation {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly bytesDone: number;
  readonly bytesTotal: number | null;
  readonly warnings: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly source: { readonly id: string; readonly name: string; readonly state: string } | null;
  readonly target: { readonly id: string; readonly name: string; readonly state: string } | null;
  readonly backup: { readonly id: string; readonly location: string; readonly consistent: boolean; readonly fileCount: number; readonly sha256: string } | null;
}

export const OPERATION_FIELDS = `id kind state bytesDone bytesTotal warnings error { code message } source { id name state } target { id name state }
  backup { id location consistent fileCount sha256 }`;

/** Asks for an operation by a mutation with an input; gives its id. */
export async function request(gateway: TestGateway, mutation: string, input: Record<string, unknown>): Promise<string> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const data = await gateway.query<Record<string, { operation: { id: string } }>>(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { operation { id } } }`,
    { input },
  );
  return data[mutation]?.operation.id ?? '';
}

export async function readOperation(gateway: TestGateway, id: string): Promise<ToldOperation> {
  const { operation } = await gateway.query<{ operation: ToldOperation }>(`query ($id: ID!) { operation(id: $id) { ${OPERATION_FIELDS} } }`, { id });
  return operation;
}

/** Waits until it is over. */
export function finished(gateway: TestGateway, id: string, timeoutMs = 60_000): Promise<ToldOperation> {
  return eventually(
    async () => {
      const operation = await readOperation(gateway, id);
      if (operation.state === 'QUEUED' || operation.state === 'RUNNING') throw new Error(JSON.stringify(operation));
      return operation;
    },
    { what: `operation ${id} is over`, timeoutMs },
  );
}

/** Asks for an operation and waits until it is over. */
export async function perform(gateway: TestGateway, mutation: string, input: Record<string, unknown>, timeoutMs?: number): Promise<ToldOperation> {
  return finished(gateway, await request(gateway, mutation, input), timeoutMs);
}

/** The same for one that must succeed. */
export async function succeed(gateway: TestGateway, mutation: string, input: Record<string, unknown>, timeoutMs?: number): Promise<ToldOperation> {
  const operation = await perform(gateway, mutation, input, timeoutMs);
  if (operation.state !== 'SUCCEEDED') throw new Error(`${mutation}: ${JSON.stringify(operation)}`);
  return operation;
}
