/** Everything that lists can be asked for: each filter with what many, few and none have, in each order. */
export interface Question {
  readonly name: string;
  readonly document: string;
}

const VOLUME_FILTERS: Readonly<Record<string, string>> = {
  everything: '',
  'one host': 'hosts: ["host-3"]',
  'three hosts': 'hosts: ["host-3", "host-5", "host-7"]',
  'a host that is not there': 'hosts: ["nowhere"]',
  'three names': 'names: ["web_data", "users.cache-c4ca4238", "nothing"]',
  'a frequent part of names': 'search: "data"',
  'a rare part of names': 'search: "CFCD2"',
  'a part of no name': 'search: "xyzzy"',
  'two letters': 'search: "ta"',
  'a frequent driver': 'drivers: ["local"]',
  'a rare driver': 'drivers: ["rare-driver"]',
  'two drivers': 'drivers: ["nfs-plugin", "rare-driver"]',
  'a driver of none': 'drivers: ["nothing"]',
  'in use': 'states: [IN_USE]',
  'dangling or idle': 'states: [DANGLING, IDLE]',
  removed: 'states: [REMOVED]',
  'removed or dangling': 'states: [REMOVED, DANGLING]',
  'a frequent label': 'labels: [{ key: "tier", value: "gold" }]',
  'a rare label': 'labels: [{ key: "rare" }]',
  'a label of none': 'labels: [{ key: "tier", value: "nothing" }]',
  'two labels': 'labels: [{ key: "team", value: "team-7" }, { key: "tier", value: "gold" }]',
  anonymous: 'anonymous: true',
  named: 'anonymous: false',
  shared: 'shared: true',
  'not shared': 'shared: false',
  protected: 'protected: true',
  'not protected': 'protected: false',
  'a compose project': 'composeProject: "project-3"',
  'a rare compose project': 'composeProject: "rare-project"',
  'a compose project of none': 'composeProject: "nothing"',
  'over a gigabyte': 'minSizeBytes: 1000000000',
  'over half a terabyte': 'minSizeBytes: 500000000000',
  'over all measure': 'minSizeBytes: 5000000000000',
  'unused for a day': 'unusedFor: "P1D"',
  'unused for 20 years': 'unusedFor: "P20Y"',
};

const VOLUME_ORDERS = ['NAME', 'CREATED_AT', 'SIZE', 'LAST_MOUNTED_AT', 'SHARE_COUNT'].flatMap((field) =>
  ['ASC', 'DESC'].map((direction) => ({ field, direction })),
);

const VOLUME_FIELDS =
  '{ edges { cursor node { id name driver state sizeBytes host { name } mounts { destination container { name state } } } } pageInfo { hasNextPage } }';

const volumeQuestions: Question[] = Object.entries(VOLUME_FILTERS).flatMap(([name, filter]) =>
  VOLUME_ORDERS.map(({ field, direction }) => ({
    name: `volumes, ${name}, by ${field} ${direction}`,
    document: `{ volumes(first: 50, filter: { ${filter} }, orderBy: { field: ${field}, direction: ${direction} }) ${VOLUME_FIELDS} }`,
  })),
);

const OTHERS: Readonly<Record<string, readonly [list: string, filters: Readonly<Record<string, string>>, fields: string]>> = {
  containers: [
    'containers',
    {
      everything: '',
      'one host': 'hosts: ["host-3"]',
      'three hosts': 'hosts: ["host-3", "host-5", "host-7"]',
      'a frequent part of names': 'search: "app"',
      'a rare part of names': 'search: "PP-777."',
      'a part of no name': 'search: "xyzzy"',
      running: 'states: [RUNNING]',
      dead: 'states: [DEAD]',
      removed: 'states: [REMOVED]',
      'removed or exited': 'states: [REMOVED, EXITED]',
      'a frequent label': 'labels: [{ key: "team", value: "team-1" }]',
      'a rare label': 'labels: [{ key: "rare", value: "yes" }]',
      'of a volume': 'volume: "web_data"',
      'of a volume that is not there': 'volume: "nothing"',
      'a compose project': 'composeProject: "project-3"',
      'a rare compose project': 'composeProject: "rare-project"',
      'many writers': 'risks: [MULTIPLE_WRITERS]',
      'writers on several hosts': 'risks: [CROSS_HOST_WRITERS]',
      "the engine's socket": 'risks: [ENGINE_SOCKET]',
      'a sensitive path': 'risks: [SENSITIVE_PATH]',
    },
    '{ nodes { id name state host { name } mounts { destination } } pageInfo { endCursor } }',
  ],
  shares: [
    'shares',
    {
      everything: '',
      'one host': 'hosts: ["host-3"]',
      'of volumes': 'kinds: [VOLUME]',
      'of paths': 'kinds: [BIND_PATH]',
      'of networks': 'kinds: [NETWORK]',
      'over hosts': 'crossHost: true',
      'on one host': 'crossHost: false',
      'many writers': 'risks: [MULTIPLE_WRITERS]',
      'writers on several hosts': 'risks: [CROSS_HOST_WRITERS]',
      "the engine's socket": 'risks: [ENGINE_SOCKET]',
      'a sensitive path': 'risks: [SENSITIVE_PATH]',
    },
    '{ nodes { id kind identity mounts { destination } } pageInfo { endCursor } }',
  ],
  events: [
    'events',
    {
      everything: '',
      'one host': 'hosts: ["host-3"]',
      'three hosts': 'hosts: ["host-3", "host-5", "host-7"]',
      'a host that is not there': 'hosts: ["nowhere"]',
      'a frequent type': 'types: [VOLUME_CREATED]',
      'a rare type': 'types: [HOST_ONLINE, CONTAINER_RENAMED]',
      'a type of none': 'types: [HOST_REMOVED]',
      'a rare type on one host': 'hosts: ["host-1"], types: [CONTAINER_RENAMED, HOST_ONLINE]',
      'of a volume': 'volume: "web_data"',
      'of a container': 'container: "rare-container"',
      'of a container that is not there': 'container: "nothing"',
    },
    '{ nodes { cursor type hostName volumeName } pageInfo { endCursor } }',
  ],
};

/** All of them. */
export const QUESTIONS: readonly Question[] = [
  ...volumeQuestions,
  ...Object.entries(OTHERS).flatMap(([list, [field, filters, fields]]) =>
    Object.entries(filters).map(([name, filter]) => ({ name: `${list}, ${name}`, document: `{ ${field}(first: 50, filter: { ${filter} }) ${fields} }` })),
  ),
];
