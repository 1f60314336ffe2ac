import type { FindingKind, HostStatus, LifecycleEventType, OperationKind, OperationState, ShareRisk, VolumeState } from './operations';

// How things are said on the page.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A number of bytes as people read it: 1.2 GB. */
export function formatBytes(bytes: number | string): string {
  let value = Number(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

const NUMBERS = new Intl.NumberFormat('en');
export const formatCount = (count: number): string => NUMBERS.format(count);

/** A number with its noun: 1 volume, 2 volumes. */
export const counted = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;

/** Seconds of each unit, the largest first. */
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
/** Seconds from now that count as now. */
const NOW_SECONDS = 10;

/** How long ago something was, from a moment in milliseconds: "3 min. ago". */
export function formatAge(iso: string, now: number): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  if (Math.abs(seconds) < NOW_SECONDS) return 'just now';
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return RELATIVE.format(Math.trunc(seconds / length), unit);
  }
  return RELATIVE.format(Math.trunc(seconds), 'second');
}

const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
/** A moment in full, in the reader's time zone. */
export const formatMoment = (iso: string): string => MOMENT.format(new Date(iso));

/** How a state or a status is shown. */
export type Tone = 'good' | 'busy' | 'warning' | 'bad' | 'quiet';

export const VOLUME_STATES: Readonly<Record<VolumeState, { readonly words: string; readonly tone: Tone }>> = {
  IN_USE: { words: 'In use', tone: 'good' },
  IDLE: { words: 'Idle', tone: 'busy' },
  DANGLING: { words: 'Unused', tone: 'warning' },
  REMOVED: { words: 'Removed', tone: 'quiet' },
};

export const HOST_STATUSES: Readonly<Record<HostStatus, { readonly words: string; readonly tone: Tone }>> = {
  ONLINE: { words: 'Online', tone: 'good' },
  CONNECTING: { words: 'Connecting', tone: 'busy' },
  UNREACHABLE: { words: 'Unreachable', tone: 'bad' },
  DISABLED: { words: 'Disabled', tone: 'quiet' },
};

export const OPERATION_STATES: Readonly<Record<OperationState, { readonly words: string; readonly tone: Tone }>> = {
  QUEUED: { words: 'Waiting', tone: 'busy' },
  RUNNING: { words: 'Running', tone: 'busy' },
  SUCCEEDED: { words: 'Done', tone: 'good' },
  FAILED: { words: 'Failed', tone: 'bad' },
  CANCELED: { words: 'Canceled', tone: 'quiet' },
};

export const OPERATION_KINDS: Readonly<Record<OperationKind, string>> = {
  BACKUP: 'Backup',
  CLONE: 'Clone',
  MEASURE: 'Measuring',
  MIGRATE: 'Move',
  RENAME: 'Renaming',
  RESTORE: 'Restore',
  VERIFY: 'Check of a backup',
};

export const RISKS: Readonly<Record<ShareRisk, string>> = {
  CROSS_HOST_WRITERS: 'Written from several hosts',
  ENGINE_SOCKET: 'Engine socket',
  MULTIPLE_WRITERS: 'Several writers',
  SENSITIVE_PATH: 'Sensitive path',
};

export const FINDINGS: Readonly<Record<FindingKind, string>> = {
  ...RISKS,
  OPTION_DRIFT: 'Same name, other options',
  PLAIN_SECRET: 'Secret in plain text',
  STORAGE_MISSING: 'Storage is missing',
};

/** What an event says happened, and how it is shown. */
export const EVENTS: Readonly<Record<LifecycleEventType, { readonly words: string; readonly tone: Tone }>> = {
  BACKUP_POLICY_CHANGED: { words: 'Backup policy changed', tone: 'quiet' },
  BACKUP_REMOVED: { words: 'Backup removed', tone: 'quiet' },
  CALL_REFUSED: { words: 'Call refused', tone: 'bad' },
  CHANGE_REFUSED: { words: 'Change refused', tone: 'warning' },
  CONTAINER_CREATED: { words: 'Container created', tone: 'quiet' },
  CONTAINER_REMOVED: { words: 'Container removed', tone: 'quiet' },
  CONTAINER_RENAMED: { words: 'Container renamed', tone: 'quiet' },
  CONTAINER_STARTED: { words: 'Container started', tone: 'good' },
  CONTAINER_STOPPED: { words: 'Container stopped', tone: 'quiet' },
  HOST_ADDED: { words: 'Host added', tone: 'good' },
  HOST_ONLINE: { words: 'Host is online', tone: 'good' },
  HOST_REMOVED: { words: 'Host removed', tone: 'quiet' },
  HOST_UNREACHABLE: { words: 'Host is unreachable', tone: 'bad' },
  HOST_UPDATED: { words: 'Host changed', tone: 'quiet' },
  OPERATION_CHANGED: { words: 'Operation', tone: 'busy' },
  PROTECTED_VOLUME_REMOVED: { words: 'Protected volume removed', tone: 'bad' },
  SHARE_CHANGED: { words: 'Share changed', tone: 'busy' },
  SHARE_DISSOLVED: { words: 'Share ended', tone: 'quiet' },
  SHARE_FORMED: { words: 'Share formed', tone: 'busy' },
  SIGN_IN_FAILED: { words: 'Sign-in failed', tone: 'bad' },
  TOKEN_CREATED: { words: 'Token made', tone: 'quiet' },
  TOKEN_REVOKED: { words: 'Token revoked', tone: 'quiet' },
  VOLUME_CREATED: { words: 'Volume created', tone: 'good' },
  VOLUME_MOUNTED: { words: 'Volume mounted', tone: 'good' },
  VOLUME_REMOVED: { words: 'Volume removed', tone: 'warning' },
  VOLUME_UNMOUNTED: { words: 'Volume unmounted', tone: 'quiet' },
  VOLUME_UPDATED: { words: 'Volume changed', tone: 'busy' },
};
