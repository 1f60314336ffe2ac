// Writes docs/problems.md from the table in src/problems.ts. Run `npm run build` first.
import { mkdirSync, writeFileSync } from 'node:fs';
import { PROBLEM_MEANINGS } from '../dist/problems.js';

const rows = Object.entries(PROBLEM_MEANINGS).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
mkdirSync(new URL('../docs/', import.meta.url), { recursive: true });
writeFileSync(
  new URL('../docs/problems.md', import.meta.url),
  `# Problem codes

In a result for one of several hosts or volumes a problem stands in \`error { code message }\`; elsewhere in GraphQL's
\`errors[].extensions.code\`. The message says what was wrong and what to do. This page is made from \`src/problems.ts\`
by \`npm run schema\`.

| code | meaning |
|---|---|
${rows.join('\n')}
`,
);
