// Asks the registry for known flaws of what the gateway ships with: its dependencies, and what is in its bundle, and fails for
// high and critical ones. A registry that does not answer such questions, as mirrors do not, is told and is no failure.
// Build first.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const bundled = readFileSync(new URL('../dist/bundle/licenses.md', import.meta.url), 'utf8').matchAll(/^## (\S+) \d/gm);
const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const installed = Object.entries(packages).filter(([folder, { dev }]) => folder !== '' && dev !== true);
const shipped = new Set([...[...bundled].map(([, name]) => name), ...installed.map(([folder]) => folder.split('node_modules/').at(-1))]);
const { stdout, error } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 50_000_000 });
if (error !== undefined) throw error;

/** What npm prints: a report, or why there is none. */
const report = JSON.parse(stdout);
const counts = report.metadata?.vulnerabilities;
if (counts === undefined) {
  console.warn(`Known flaws were not looked for: ${report.message ?? report.error?.summary ?? 'the registry does not tell them'}`);
} else {
  const grave = Object.values(report.vulnerabilities).filter(({ name, severity }) => shipped.has(name) && (severity === 'high' || severity === 'critical'));
  for (const { name, severity, range } of grave) console.error(`${severity}: ${name} ${range}`);
  console.log(`Known flaws in all packages: ${JSON.stringify(counts)}; grave ones in the ${String(shipped.size)} that are shipped: ${String(grave.length)}`);
  process.exitCode = grave.length === 0 ? 0 : 1;
}
