import type { VolumeFilter, VolumeOrder, VolumeOrderField, VolumeState } from './operations';

// What the table of volumes asks, as it stands in the address bar.

/** Columns beside the name, which is always there. */
export const COLUMNS = ['host', 'state', 'size', 'shares', 'lastUsed', 'usedBy', 'created', 'driver', 'project', 'labels'] as const;
export type Column = (typeof COLUMNS)[number];
export const USUAL_COLUMNS: readonly Column[] = ['host', 'state', 'size', 'shares', 'lastUsed', 'created', 'labels'];

const STATES: readonly VolumeState[] = ['IN_USE', 'IDLE', 'DANGLING', 'REMOVED'];
const ORDERS: readonly VolumeOrderField[] = ['NAME', 'CREATED_AT', 'LAST_MOUNTED_AT', 'SIZE', 'SHARE_COUNT'];

/** No object: an address may hold __proto__. */
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Names of all parts of the address; one that is not here is left alone. */
export const PARTS = [
  'q',
  'host',
  'state',
  'driver',
  'project',
  'label',
  'shared',
  'protected',
  'anonymous',
  'unusedFor',
  'minSize',
  'sort',
  'desc',
  'columns',
] as const;
export type Part = (typeof PARTS)[number];

/** The filter that an address asks for. What is no value of a part counts as absent. */
export function filterOf(address: URLSearchParams): VolumeFilter {
  const texts = (part: Part) => address.getAll(part).filter((value) => value !== '');
  const text = (part: Part) => texts(part)[0];
  const flag = (part: Part) => FLAGS.get(text(part) ?? '');
  const states = texts('state').filter((state): state is VolumeState => STATES.some((known) => known === state));
  const [hosts, drivers] = [texts('host'), texts('driver')];
  const labels = texts('label').map((label) => {
    const [key = '', ...rest] = label.split('=');
    return rest.length === 0 ? { key } : { key, value: rest.join('=') };
  });
  const minSize = Number(text('minSize'));
  const filter: Record<keyof VolumeFilter, unknown> = {
    search: text('q'),
    hosts: hosts.length === 0 ? undefined : hosts,
    states: states.length === 0 ? undefined : states,
    drivers: drivers.length === 0 ? undefined : drivers,
    composeProject: text('project'),
    labels: labels.length === 0 ? undefined : labels,
    shared: flag('shared'),
    protected: flag('protected'),
    anonymous: flag('anonymous'),
    unusedFor: /^P(?:\d+[DW]|T\d+H)$/.test(text('unusedFor') ?? '') ? text('unusedFor') : undefined,
    minSizeBytes: minSize > 0 ? Math.round(minSize) : undefined,
    names: undefined,
    annotations: undefined,
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/** The order that an address asks for; by name without one. */
export function orderOf(address: URLSearchParams): VolumeOrder {
  const field = ORDERS.find((known) => known === address.get('sort')) ?? 'NAME';
  return { field, direction: address.get('desc') === 'true' ? 'DESC' : 'ASC' };
}

/** The columns that an address asks for, in their own order. */
export function columnsOf(address: URLSearchParams): readonly Column[] {
  const asked = address.get('columns')?.split(',');
  return asked === undefined ? USUAL_COLUMNS : COLUMNS.filter((column) => asked.includes(column));
}
