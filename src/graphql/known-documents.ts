import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Kind, parse } from 'graphql';
import { z } from 'zod';
import { badInput, Problem } from '../problems.js';

/** The forms in which build tools write a list of documents. */
const LIST = z.union([
  z.array(z.string()),
  // Apollo's persisted query manifest.
  z
    .object({ format: z.literal('apollo-persisted-query-manifest'), operations: z.array(z.object({ id: z.string(), body: z.string() })) })
    .transform(({ operations }) => Object.fromEntries(operations.map(({ id, body }) => [id, body]))),
  // Relay's persisted queries, and what GraphQL Code Generator writes: texts by their hash.
  z.record(z.string(), z.string()),
]);

/** What a client sends to name a document: its text, its hash, or both. */
export interface SentDocument {
  readonly query?: unknown;
  readonly extensions?: unknown;
}

/** The only documents that are answered, where an installation allows no others. */
export class KnownDocuments {
  private constructor(private readonly byId: ReadonlyMap<string, string>) {}

  /** @param list documents as a list, by their hashes, or as Apollo's manifest. @throws {Problem} BAD_USER_INPUT for anything else. */
  static from(list: unknown): KnownDocuments {
    const read = LIST.safeParse(list);
    if (!read.success) throw badInput('STOWAGE_DOCUMENTS is neither a list of documents, nor documents by their hashes, nor a persisted query manifest.');
    if (Object.keys(read.data).length === 0) throw badInput('STOWAGE_DOCUMENTS holds no document, so that nothing would be answered.');
    const byId = new Map<string, string>();
    for (const [id, text] of Object.entries(read.data)) {
      try {
        parse(text);
      } catch (error) {
        throw badInput(`STOWAGE_DOCUMENTS has a document that cannot be read (${id}): ${(error as Error).message}`);
      }
      byId.set(id, text);
      byId.set(hashOf(text), text);
    }
    return new KnownDocuments(byId);
  }

  /** @throws {Problem} BAD_USER_INPUT that says what is wrong with the file. */
  static async read(file: string): Promise<KnownDocuments> {
    let list: unknown;
    try {
      list = JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      throw badInput(`STOWAGE_DOCUMENTS ${file} cannot be read as JSON: ${(error as Error).message}`);
    }
    return KnownDocuments.from(list);
  }

  /** These and further texts. */
  with(texts: readonly string[]): KnownDocuments {
    return new KnownDocuments(new Map([...this.byId, ...texts.map((text) => [hashOf(text), text] as const)]));
  }

  /** Names of all operations in it. */
  get operationNames(): readonly string[] {
    return [...new Set(this.byId.values())].flatMap((text) =>
      parse(text).definitions.flatMap((definition) => (definition.kind === Kind.OPERATION_DEFINITION ? (definition.name?.value ?? []) : [])),
    );
  }

  /** The text of what was sent. @throws {Problem} FORBIDDEN for a document that is not in the list. */
  textOf({ query, extensions }: SentDocument): string {
    // Over WebSocket there is always a text; a client that means a hash sends an empty one.
    const id = typeof query === 'string' && query !== '' ? hashOf(query) : hashSent(extensions);
    const text = id === undefined ? undefined : this.byId.get(id);
    if (text === undefined)
      throw new Problem('FORBIDDEN', 'This gateway answers a list of known documents only (STOWAGE_DOCUMENTS), and this is none of them.');
    return text;
  }
}

function hashSent(extensions: unknown): string | undefined {
  const { persistedQuery } = (extensions ?? {}) as { persistedQuery?: { sha256Hash?: unknown } };
  const hash = persistedQuery?.sha256Hash;
  return typeof hash === 'string' ? hash : undefined;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
