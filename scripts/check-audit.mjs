// Asks the registry for known flaws of what the gateway ships with, and fails for high and critical ones. A registry that
// does not answer such questions, as mirrors do not, is told and is no failure.
import { spawnSync } from 'node:child_process';

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', maxBuffer: 50_000_000 });
if (error !== undefined) throw error;

/** What npm prints: a report, or why there is none. */
const report = JSON.parse(stdout);
const counts = report.metadata?.vulnerabilities;
if (counts === undefined) {
  console.warn(`Known flaws were not looked for: ${report.message ?? report.error?.summary ?? 'the registry does not tell them'}`);
} else {
  const grave = Object.values(report.vulnerabilities).filter(({ severity }) => severity === 'high' || severity === 'critical');
  for (const { name, severity, range } of grave) console.error(`${severity}: ${name} ${range}`);
  console.log(`Known flaws in dependencies: ${JSON.stringify(counts)}`);
  process.exitCode = grave.length === 0 ? 0 : 1;
}
