import type { Logger } from 'pino';
import type { Sealer, WrappedKey } from '../sealing.js';
import type { Database } from './client.js';
import type { ControlConnection } from './control-connection.js';
import { notify } from './notify.js';

/** Channel on which gateways are woken when another key seals from now on. */
const SEALING_KEYS_CHANNEL = 'stowage_sealing_keys';

/** Has a running gateway take up keys that came into use (`rotate-secret-key.ts`). Make it before `control` is started. */
export class SealingKeyWatch {
  constructor(
    private readonly database: Database,
    control: ControlConnection,
    private readonly sealer: Sealer,
    private readonly log: Logger,
    /** Called after others are known. */
    private readonly learnt: () => void,
  ) {
    control.listen(SEALING_KEYS_CHANNEL, () => {
      this.read().then(learnt, (error: unknown) => {
        log.warn({ err: error }, 'the keys that seal cannot be read now');
      });
    });
  }

  async read(): Promise<void> {
    const before = this.sealer.currentKeyId;
    this.sealer.learn(await readSealingKeys(this.database));
    if (this.sealer.currentKeyId === before) return;
    this.log.info({ key: this.sealer.currentKeyId }, 'another key seals from now on');
    this.learnt();
  }
}

export function readSealingKeys(database: Database): Promise<WrappedKey[]> {
  return database.sealingKey.findMany({ select: { id: true, wrappedBy: true, generation: true, wrapped: true } });
}

/** Brings another secret's key into use, in all gateways; when it is so already, nothing is written. @throws {Problem} BAD_USER_INPUT. */
export async function introduceKey(database: Database, sealer: Sealer, secret: string): Promise<void> {
  await database.$transaction(async (transaction) => {
    // Two at once would each make a newest one.
    await transaction.$executeRaw`lock table sealing_key in exclusive mode`;
    sealer.learn(await transaction.sealingKey.findMany());
    const wrapped = sealer.wrapFor(secret);
    if (wrapped === undefined) return;
    const data = wrapped.map((key) => ({ ...key, wrapped: new Uint8Array(key.wrapped) }));
    await transaction.sealingKey.createMany({ data, skipDuplicates: true });
    await notify(transaction, SEALING_KEYS_CHANNEL);
    sealer.learn(wrapped);
  });
}

/** Forgets every key but those of the secrets that gateways are started with. */
export async function forgetKeys(database: Database): Promise<void> {
  await database.sealingKey.deleteMany();
}
