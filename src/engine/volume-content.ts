import type { Readable } from 'node:stream';
import { Problem } from '../problems.js';
import { EngineError } from './connection.js';
import type { Engine } from './engine.js';
import { HELPER_LABEL, INSTALLATION_LABEL, type EngineVolume } from './model.js';
import { quote } from './names.js';

/**
 * The content of a volume, reached through a container that is made of an empty image, never started and taken away again:
 * no code runs on the host, and nothing is pulled.
 */

/**
 * Name of the directory of helpers on which the volume is mounted, and so of the first part of every name in its tar. Tars are
 * unpacked at the helper's root, not in the volume: an engine refuses a symbolic link that leads out of where it unpacks,
 * though volumes have such links.
 */
export const ARCHIVE_ROOT = 'volume';
const MOUNT_POINT = `/${ARCHIVE_ROOT}`;
const IMAGE_REPOSITORY = 'stowage-helper';
const IMAGE_TAG = 'empty-1';
const IMAGE = `${IMAGE_REPOSITORY}:${IMAGE_TAG}`;
/** How often the image may be swept up between its import and its use. */
const CREATE_ATTEMPTS = 3;
/** Two blocks of zeros: a tar without entries. */
const EMPTY_TAR = Buffer.alloc(1024);
/** Tells on the engine that a volume is not complete yet: the helper that refers to it carries this label until it is. */
const INCOMPLETE_LABEL = 'io.stowage.incomplete';

/** How a volume is opened. */
export interface VolumeAccess {
  readonly name: string;
  /** Whether it is to be written; else it is mounted read-only. */
  readonly write: boolean;
  /** Who the helper is for; a helper whose owner is gone is swept away. */
  readonly owner: string;
  /** Of which installation the owner is: no other sweeps the helper away. */
  readonly installation: string;
}

/** A volume whose content can be read or written, and that cannot be removed meanwhile: a container refers to it. */
export interface OpenVolume {
  /** The volume as the engine shows it now. */
  readonly volume: EngineVolume;
  /** Opens a tar of the volume, in the order of names, which begin with {@link ARCHIVE_ROOT}; see {@link Engine.readArchive}. */
  read(signal: AbortSignal): Promise<Readable>;
  /** Opens a tar of what lies in one of its directories, with names that begin there. */
  readDirectory(path: string, signal: AbortSignal): Promise<Readable>;
  /** Unpacks such a tar as {@link read} gives. Names that do not begin so would be lost; see {@link Engine.writeArchive}. */
  write(archive: Readable, signal: AbortSignal): Promise<void>;
  /** Takes the helper away. */
  close(): Promise<void>;
}

/**
 * Opens a volume that is there.
 * @throws {Problem} NOT_FOUND, or what the engine says.
 */
export async function openVolume(engine: Engine, access: VolumeAccess): Promise<OpenVolume> {
  const id = await createHelper(engine, access);

  const close = () => removeHelper(engine, id);
  try {
    const volume = await engine.inspectVolume(access.name);
    if (volume === undefined || volume.labels[HELPER_LABEL] === access.owner) {
      await close();
      if (volume !== undefined) await engine.removeVolume(access.name, false);
      throw new Problem('NOT_FOUND', `There is no volume named ${quote(access.name)} on that host.`);
    }
    return {
      volume,
      read: (signal) => engine.readArchive(id, MOUNT_POINT, signal),
      // With the dot at its end the names in the tar are relative to the path itself.
      readDirectory: (path, signal) => engine.readArchive(id, `${MOUNT_POINT}/${path === '' ? '' : `${path}/`}.`, signal),
      write: (archive, signal) => engine.writeArchive(id, '/', archive, signal),
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

async function createHelper(engine: Engine, access: VolumeAccess): Promise<string> {
  const spec = {
    name: undefined,
    image: IMAGE,
    // The engine wants a command, also for what is never started.
    command: ['-'],
    entrypoint: undefined,
    env: [],
    labels: { [HELPER_LABEL]: access.owner, [INSTALLATION_LABEL]: access.installation, ...(access.write ? { [INCOMPLETE_LABEL]: access.name } : {}) },
    mounts: [
      {
        type: 'volume',
        source: access.name,
        target: MOUNT_POINT,
        readOnly: !access.write,
        // An engine makes a volume that is not there. These labels tell that one from the one that was meant.
        volumeOptions: { noCopy: true, labels: { [HELPER_LABEL]: access.owner } },
      },
    ],
    volumesFrom: [],
    networkMode: 'none',
  };
  for (let attempt = 1; ; attempt += 1) {
    await ensureImage(engine);
    try {
      return await engine.createContainer(spec);
    } catch (error) {
      // The image was swept up in between.
      if (!(error instanceof EngineError && error.status === 404) || attempt === CREATE_ATTEMPTS) throw error;
    }
  }
}

/** Removes the empty image, unless a helper is made of it. */
export async function removeHelperImage(engine: Engine): Promise<void> {
  try {
    await engine.removeImage(IMAGE);
  } catch (error) {
    if (!(error instanceof EngineError && error.status === 409)) throw error;
  }
}

/** Removes helpers by id. One that is gone is as good. */
export async function removeHelper(engine: Engine, id: string): Promise<void> {
  try {
    await engine.removeContainer(id, { force: true, removeAnonymousVolumes: false });
  } catch (error) {
    if (!(error instanceof EngineError && error.status === 404)) throw error;
  }
}

async function ensureImage(engine: Engine): Promise<void> {
  if (await engine.hasImage(IMAGE)) return;
  await engine.importImage(EMPTY_TAR, IMAGE_REPOSITORY, IMAGE_TAG, `LABEL ${HELPER_LABEL}=image`);
}
