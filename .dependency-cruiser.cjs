// The house: imports run downward only.
//   main > gateway > server > graphql > commands > operations > sync > access, inventory > journal > database > config, problems, sealing, turns
// engine stands beside inventory, journal and database, and none of them knows it.
const FLOORS = [
  ['main', '^src/(main\\.ts|cli/)'],
  ['gateway', '^src/gateway'],
  ['server', '^src/server/'],
  ['graphql', '^src/graphql/'],
  ['commands', '^src/commands/'],
  ['operations', '^src/operations/'],
  ['sync', '^src/sync/'],
  ['access', '^src/access/'],
  ['inventory', '^src/inventory/'],
  ['journal', '^src/journal/'],
  ['database', '^src/(database|generated)/'],
  [
    'ground',
    '^src/(config|fair-turns|logging|masking|metrics|networks|problems|schedule|sealing|settings-schema|settings-sources|tracing|tracing-export|turns)\\.ts',
  ],
];

const upward = FLOORS.map(([name, path], floor) => ({
  name: `${name}-imports-downward-only`,
  severity: 'error',
  from: { path },
  to: {
    path:
      FLOORS.slice(0, floor)
        .map(([, above]) => above)
        .join('|') || '^$',
  },
}));

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'engine-knows-no-database-and-no-graphql',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^src/(?!engine/|(masking|networks|problems|tracing)\\.ts)' },
    },
    {
      name: 'inventory-journal-and-database-do-not-know-the-engine',
      severity: 'error',
      from: { path: '^src/(inventory|journal|database)/' },
      to: { path: '^src/engine/' },
    },
    { name: 'graphiql-stands-alone', severity: 'error', from: { path: '^src/graphiql/' }, to: { path: '^src/(?!(graphiql|page)/)' } },
    { name: 'the-dashboard-stands-alone', severity: 'error', from: { path: '^src/dashboard/' }, to: { path: '^src/(?!(dashboard|page)/)' } },
    { name: 'what-pages-share-stands-alone', severity: 'error', from: { path: '^src/page/' }, to: { path: '^src/(?!page/)' } },
    { name: 'nobody-imports-graphiql', severity: 'error', from: { path: '^src/(?!graphiql/)' }, to: { path: '^src/graphiql/' } },
    { name: 'nobody-imports-the-dashboard', severity: 'error', from: { path: '^src/(?!dashboard/)' }, to: { path: '^src/dashboard/' } },
    { name: 'pages-only-import-what-they-share', severity: 'error', from: { path: '^src/(?!(graphiql|dashboard|page)/)' }, to: { path: '^src/page/' } },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, pathNot: '^src/generated/' } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '\\.d\\.ts$|^src/generated/' }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/generated/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.d.ts'] },
  },
};
