import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { closestMatch } from 'leven';
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { z } from 'zod';
import { disagreements, settingsSchema, type SettingKey, type SettingValues } from './settings-schema.js';

// Brings settings from the environment and from a YAML file together, and says where each wrong one stands.

/** File that is read from the working directory when none is named. */
const DEFAULT_FILE = 'stowage.yaml';
/** Bytes of the longest file that is read: that of some 10,000 hosts. What is longer was named by mistake. */
const MAX_FILE_BYTES = 1024 * 1024;
/** Edits that a name may be away from a setting's to be taken for it, and the part of its length that they may be. */
const MAX_TYPING_ERRORS = 3;
const MAX_TYPED_WRONG = 0.5;
/** Variables that are no settings of the gateway. */
const OTHER_VARIABLES = ['STOWAGE_CONFIG', 'STOWAGE_NEW_SECRET_KEY', 'STOWAGE_URL', 'STOWAGE_TOKEN'];
/** A name that JavaScript's objects do not keep like others: what has it would be left out without a word. */
const NO_NAME = '__proto__';
/** Settings that are paths; those of the file are relative to its folder. */
const PATHS: readonly SettingKey[] = ['dataDir', 'tlsCert', 'tlsKey', 'documents'];

/** Environment variables, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Thrown for settings that are wrong: every one at once, each with its name and what would be right. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly faults: readonly string[]) {
    super(`These settings are wrong:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
}

/** All settings, and where they come from. */
export interface SettingsRead {
  readonly values: SettingValues;
  /** The file that was read, absolute; undefined: there is none. */
  readonly file: string | undefined;
  /** Settings that the file gives, and no variable goes before. */
  readonly fromFile: ReadonlySet<SettingKey>;
  /** What is not wrong and probably not meant. */
  readonly warnings: readonly string[];
}

/** The variable that goes before a setting of the file. */
export function variableOf(key: string): string {
  return key === 'databaseUrl' ? 'DATABASE_URL' : `STOWAGE_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Reads and checks all settings. A variable goes before the file; an empty variable, and a key without a value, count as unset.
 * @param configFile goes before STOWAGE_CONFIG
 * @param further what is wrong with variables of others, to be told with the rest
 * @throws {SettingsError}
 */
export function readSources(variables: Variables, configFile?: string, further: readonly string[] = []): SettingsRead {
  const file = openFile(variables, configFile);
  const shape = settingsSchema(folderOf(file));
  const keys = Object.keys(shape) as SettingKey[];
  const { values, faults, fromFile, given } = readKeys(keys, shape, variables, file);
  // As in compose files, what is named x-… is there to be referred to.
  const unknown = Object.keys(file?.content ?? {}).filter((name) => !Object.hasOwn(shape, name) && !name.startsWith('x-'));
  const all = [...further, ...unknown.map((name) => `${whereInFile(file, [name])}: is no setting${meant(name, keys)}`), ...faults];
  const nameOf = (key: SettingKey) => (fromFile.has(key) ? key : variableOf(key));
  for (const { key, message } of disagreements(values, (key) => given.has(key), nameOf)) {
    all.push(`${fromFile.has(key) ? whereInFile(file, [key]) : variableOf(key)}: ${message}`);
  }
  if (all.length > 0) throw new SettingsError([...new Set(all)]);
  // Every key has passed its own schema.
  return { values: values as SettingValues, file: file?.name, fromFile, warnings: warningsOf(variables, keys) };
}

/**
 * Reads some settings from the same places. What is wrong with others is left alone.
 * @throws {SettingsError} also when the file is no YAML.
 */
export function readSome<Key extends SettingKey>(keys: readonly Key[], variables: Variables, configFile?: string): Pick<SettingValues, Key> {
  const file = openFile(variables, configFile);
  const { values, faults } = readKeys(keys, settingsSchema(folderOf(file)), variables, file);
  if (faults.length > 0) throw new SettingsError(faults);
  return values as Pick<SettingValues, Key>;
}

/** Each of these settings by itself. */
function readKeys(keys: readonly SettingKey[], shape: ReturnType<typeof settingsSchema>, variables: Variables, file: OpenFile | undefined) {
  const faults: string[] = [];
  const values: Partial<Record<SettingKey, unknown>> = {};
  const fromFile = new Set<SettingKey>();
  const given = new Set<SettingKey>();
  for (const key of keys) {
    const variable = variables[variableOf(key)] ?? '';
    const inFile = file?.content[key] ?? undefined;
    if (variable === '' && inFile !== undefined) fromFile.add(key);
    const source = variable === '' ? undefined : variableOf(key);
    const raw = source === undefined ? inFile : fromVariable(key, shape[key], variable);
    if (raw !== undefined) given.add(key);
    const parsed = shape[key].safeParse(raw instanceof Misread ? undefined : raw);
    if (raw instanceof Misread) faults.push(`${source ?? key}: ${raw.message}`);
    else if (parsed.success) values[key] = fromFile.has(key) && PATHS.includes(key) ? path.resolve(folderOf(file), parsed.data as string) : parsed.data;
    else {
      for (const issue of parsed.error.issues) faults.push(...linesOf(issue, key, source, file));
    }
  }
  return { values: values as Partial<SettingValues>, faults, fromFile, given };
}

/** What relative paths of the file are relative to. */
function folderOf(file: OpenFile | undefined): string {
  return file === undefined ? process.cwd() : path.dirname(file.name);
}

interface OpenFile {
  readonly name: string;
  /** As it was named. */
  readonly shown: string;
  readonly document: Document;
  readonly lines: LineCounter;
  readonly content: Readonly<Record<string, unknown>>;
}

function openFile(variables: Variables, configFile: string | undefined): OpenFile | undefined {
  const named = configFile ?? (variables['STOWAGE_CONFIG'] === '' ? undefined : variables['STOWAGE_CONFIG']);
  if (named === undefined && !existsSync(DEFAULT_FILE)) return undefined;
  const shown = named ?? DEFAULT_FILE;
  const name = path.resolve(shown);
  const namedBy = configFile !== undefined ? '--config: ' : named === undefined ? '' : 'STOWAGE_CONFIG: ';
  const text = readText(name, namedBy);
  const lines = new LineCounter();
  // Merge keys (<<) as compose files have them.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  if (document.errors.length > 0) {
    throw new SettingsError(document.errors.map(({ pos, message }) => `${shown}:${String(lines.linePos(pos[0]).line)}: is no YAML here: ${message}`));
  }
  if (document.contents !== null && !isMap(document.contents) && !(isScalar(document.contents) && document.contents.value === null)) {
    throw new SettingsError([`${shown}: must be a map of settings, such as "port: 4000"`]);
  }
  const nameless: string[] = [];
  visit(document, {
    Pair(_key, { key }) {
      if (!isScalar(key) || key.value !== NO_NAME) return;
      nameless.push(`${shown}:${String(lines.linePos(key.range?.[0] ?? 0).line)}: ${NO_NAME} can be the name of nothing`);
    },
  });
  if (nameless.length > 0) throw new SettingsError(nameless);
  try {
    return { name, shown, document, lines, content: (document.toJS() ?? {}) as Record<string, unknown> };
  } catch (error) {
    // An alias of what is not there, aliases of aliases that grow without end, or a merge of what is no map.
    throw new SettingsError([`${shown}: is no YAML that can be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** @throws {SettingsError} when the file cannot be read, is too long, or is no text. */
function readText(name: string, namedBy: string): string {
  const bytes = Buffer.alloc(MAX_FILE_BYTES + 1);
  let length = 0;
  try {
    const file = openSync(name, 'r');
    try {
      for (let read = -1; read !== 0 && length < bytes.length; length += read) read = readSync(file, bytes, length, bytes.length - length, null);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new SettingsError([`${namedBy}${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`]);
  }
  if (length > MAX_FILE_BYTES) throw new SettingsError([`${namedBy}${name} is no file of settings: it has more than ${String(MAX_FILE_BYTES)} bytes`]);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } catch {
    throw new SettingsError([`${namedBy}${name} is no text in UTF-8`]);
  }
}

/** `stowage.yaml:12 hosts.alpha.endpoint`: of the innermost part that is there. */
function whereInFile(file: OpenFile | undefined, at: readonly PropertyKey[]): string {
  if (file === undefined) return at.map(String).join('.');
  const shownPath = at.map((part, index) => (typeof part === 'number' ? `[${String(part)}]` : `${index === 0 ? '' : '.'}${String(part)}`)).join('');
  for (let length = at.length; length > 0; length -= 1) {
    const node = file.document.getIn(at.slice(0, length), true) as { range?: readonly number[] | null } | undefined;
    const start = node?.range?.[0];
    if (start !== undefined) return `${file.shown}:${String(file.lines.linePos(start).line)} ${shownPath}`;
  }
  return `${file.shown} ${shownPath}`;
}

/** One issue in lines, each with the name of the variable, or the place in the file. */
function linesOf(issue: z.core.$ZodIssue, key: SettingKey, variable: string | undefined, file: OpenFile | undefined): string[] {
  const at = [key, ...issue.path];
  const place = (further: readonly PropertyKey[]) => variable ?? whereInFile(file, [...at, ...further]);
  if (issue.code !== 'unrecognized_keys') return [`${place([])}: ${issue.message}`];
  return issue.keys.map((name) => `${place([name])}: is no setting${meant(name, keysBeside(key))}`);
}

/** Names that parts of a setting may have, to tell which one was meant. */
function keysBeside(key: SettingKey): readonly string[] {
  if (key === 'hosts') return ['endpoint', 'labels', 'enabled', 'tls', 'ssh', 'ca', 'cert', 'key', 'privateKey', 'passphrase'];
  return key === 'backupPolicies' ? ['hosts', 'volumes', 'cron', 'quiesce', 'keepLast', 'keepDaily', 'keepWeekly'] : [];
}

function meant(name: string, known: readonly string[]): string {
  // Other ways to write it: max_depth, MaxDepth, STOWAGE_MAX_DEPTH.
  const letters = (text: string) =>
    text
      .replace(/^STOWAGE_(?!$)/, '')
      .replaceAll(/[^a-zA-Z0-9]/g, '')
      .toLowerCase();
  const sameLetters = known.find((each) => letters(each) === letters(name));
  const maxDistance = Math.min(MAX_TYPING_ERRORS, Math.floor(name.length * MAX_TYPED_WRONG));
  const nearest = sameLetters ?? closestMatch(name, [...known], { maxDistance });
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

/** Text that could not be brought into the form that the file has. */
class Misread {
  constructor(readonly message: string) {}
}

/** Brings the text of a variable into the form that the file has; what is no number stays as it is, and its schema says so. */
function fromVariable(key: SettingKey, schema: z.ZodType, text: string): unknown {
  if (key === 'hosts')
    return pairsFrom(
      text,
      (entry) => entry.indexOf('='),
      'name=endpoint',
      (endpoint) => ({ endpoint }),
    );
  if (key === 'jwtRoles')
    return pairsFrom(
      text,
      (entry) => entry.lastIndexOf('='),
      'value=ROLE with VIEWER, OPERATOR or ADMIN',
      (role) => role,
    );
  if (key === 'backupPolicies') return new Misread('is set in the file only (see STOWAGE_CONFIG)');
  const kind = innermost(schema);
  if (kind instanceof z.ZodNumber) return /^\d{1,12}$/.test(text) ? Number(text) : text;
  // An empty variable counts as unset, so that an empty list needs a word.
  if (kind instanceof z.ZodArray) return text === 'none' ? [] : text.split(',').map((entry) => entry.trim());
  return text;
}

function innermost(schema: z.ZodType): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? innermost(schema.unwrap() as z.ZodType) : schema;
}

/** Pairs with commas between. */
function pairsFrom(text: string, separatorOf: (entry: string) => number, form: string, valueFrom: (text: string) => unknown): unknown {
  const pairs: [string, unknown][] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    const separator = separatorOf(entry);
    const name = entry.slice(0, Math.max(separator, 0)).trim();
    const value = entry.slice(separator + 1).trim();
    if (separator < 1 || name === '' || value === '') return new Misread(`"${entry}" must be of the form ${form}`);
    if (name === NO_NAME) return new Misread(`${NO_NAME} can be the name of nothing`);
    if (pairs.some(([other]) => other === name)) return new Misread(`"${name}" stands there twice`);
    pairs.push([name, valueFrom(value)]);
  }
  return Object.fromEntries(pairs);
}

/** Variables that are nearly a setting's. Others are not told of: orchestrators make variables of names of services. */
function warningsOf(variables: Variables, keys: readonly SettingKey[]): string[] {
  const known = [...keys.map(variableOf), ...OTHER_VARIABLES];
  return Object.keys(variables)
    .filter((name) => name.startsWith('STOWAGE_') && !known.includes(name))
    .flatMap((name) => {
      const hint = meant(name, known);
      return hint === '' ? [] : [`${name} is no setting${hint}`];
    });
}
