import { Prisma } from './client.js';

// Texts that engines put no limit to cannot stand in a B-tree as they are: an entry has 2,704 bytes at most (PostgreSQL,
// "B-Tree Indexes"), and a longer one would fail the write. They are indexed, and ordered, by their beginning.

/** Characters of a text that stand in its index, as the migrations have it. */
const LENGTH = 255;

/** What such a column is indexed by, in the order of its bytes, which is the same on every machine. */
export function beginningOf(column: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`left(${column}, ${Prisma.raw(String(LENGTH))}) collate "C"`;
}

/** Condition: the column is this text. */
export function isText(column: Prisma.Sql, text: string): Prisma.Sql {
  // JavaScript counts no fewer units than PostgreSQL counts characters.
  if (text.length < LENGTH) return Prisma.sql`${beginningOf(column)} = ${text}`;
  return Prisma.sql`(${beginningOf(column)} = ${cutToBeginning(text)} and ${column} = ${text})`;
}

/** Condition: the column is one of these texts. */
export function isAnyText(column: Prisma.Sql, texts: readonly string[]): Prisma.Sql {
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) return isText(column, only);
  const among = Prisma.sql`${beginningOf(column)} = any(${texts.map(cutToBeginning)}::text[])`;
  return texts.every((text) => text.length < LENGTH) ? among : Prisma.sql`(${among} and ${column} = any(${[...texts]}::text[]))`;
}

/** A text as it stands in such an index. */
export function cutToBeginning(text: string): string {
  return text.length <= LENGTH ? text : Array.from(text).slice(0, LENGTH).join('');
}
