import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { closestMatch } from 'leven';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { disagreements, settingsSchema, type SettingKey, type SettingValues } from './settings-schema.js';

// Brings settings from the environment and from a YAML file together, and says where each wrong one stands.

/** File that is read from the working directory when none is named. */
const DEFAULT_FILE = 'stowage.yaml';
/** Edits that a name may be away from a setting's to be taken for it. */
const MAX_TYPING_ERRORS = 3;
/** Variables that are no settings of the gateway. */
const OTHER_VARIABLES = ['STOWAGE_CONFIG', 'STOWAGE_NEW_SECRET_KEY', 'STOWAGE_URL', 'STOWAGE_TOKEN'];
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
  const folder = file === undefined ? process.cwd() : path.dirname(file.name);
  const shape = settingsSchema(folder);
  const keys = Object.keys(shape) as SettingKey[];
  const faults = [...further];
  const values: Partial<Record<SettingKey, unknown>> = {};
  const fromFile = new Set<SettingKey>();
  const given = new Set<SettingKey>();
  for (const name of Object.keys(file?.content ?? {})) {
    if (!Object.hasOwn(shape, name)) faults.push(`${whereInFile(file, [name])}: is no setting${meant(name, keys)}`);
  }
  for (const key of keys) {
    const variable = variables[variableOf(key)] ?? '';
    const inFile = file?.content[key] ?? undefined;
    if (variable === '' && inFile !== undefined) fromFile.add(key);
    const source = variable === '' ? undefined : variableOf(key);
    const raw = source === undefined ? inFile : fromVariable(key, shape[key], variable);
    if (raw !== undefined) given.add(key);
    const parsed = shape[key].safeParse(raw instanceof Misread ? undefined : raw);
    if (raw instanceof Misread) faults.push(`${source ?? key}: ${raw.message}`);
    else if (parsed.success) values[key] = fromFile.has(key) && PATHS.includes(key) ? path.resolve(folder, parsed.data as string) : parsed.data;
    else {
      for (const issue of parsed.error.issues) faults.push(...linesOf(issue, key, source, file));
    }
  }
  const nameOf = (key: SettingKey) => (fromFile.has(key) ? key : variableOf(key));
  for (const { key, message } of disagreements(values as Partial<SettingValues>, (key) => given.has(key), nameOf)) {
    faults.push(`${fromFile.has(key) ? whereInFile(file, [key]) : variableOf(key)}: ${message}`);
  }
  if (faults.length > 0) throw new SettingsError([...new Set(faults)]);
  // Every key has passed its own schema.
  return { values: values as SettingValues, file: file?.name, fromFile, warnings: warningsOf(variables, keys) };
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
  let text: string;
  try {
    text = readFileSync(name, 'utf8');
  } catch (error) {
    throw new SettingsError([
      `${configFile === undefined ? 'STOWAGE_CONFIG' : '--config'}: ${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
    ]);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    throw new SettingsError(document.errors.map(({ pos, message }) => `${shown}:${String(lines.linePos(pos[0]).line)}: is no YAML here: ${message}`));
  }
  if (document.contents !== null && !isMap(document.contents) && !(isScalar(document.contents) && document.contents.value === null)) {
    throw new SettingsError([`${shown}: must be a map of settings, such as "port: 4000"`]);
  }
  return { name, shown, document, lines, content: (document.toJS() ?? {}) as Record<string, unknown> };
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
  const nearest = closestMatch(name, [...known], { maxDistance: MAX_TYPING_ERRORS });
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

/** Pairs with commas between; the last of two with one name counts, as in a map. */
function pairsFrom(text: string, separatorOf: (entry: string) => number, form: string, valueFrom: (text: string) => unknown): unknown {
  const pairs: [string, unknown][] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    const separator = separatorOf(entry);
    const name = entry.slice(0, Math.max(separator, 0)).trim();
    const value = entry.slice(separator + 1).trim();
    if (separator < 1 || name === '' || value === '') return new Misread(`"${entry}" must be of the form ${form}`);
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
