import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { PLANNER } from '../../../shared/domain/version.ts';

/** Where every date is computed. */
const ROOMS = ['calendar', 'evaluate', 'people', 'plan', 'rule'];

/**
 * What follows from these sources is stored with each holding. A release that may plan otherwise has to plan all holdings
 * again, and one that plans alike must not: it would disturb the former release while both run.
 */
test('what plans has not changed since this planner was named', async () => {
  const hash = createHash('sha256');
  for (const room of ROOMS) {
    const folder = new URL(`../../../shared/domain/${room}/`, import.meta.url);
    for (const name of (await readdir(folder)).toSorted()) {
      const text = await readFile(new URL(name, folder), 'utf8');
      hash.update(`${room}/${name}\n${codeOf(text)}\n`);
    }
  }
  const digest = hash.digest('hex').slice(0, 16);
  expect(
    { ...PLANNER, digest },
    'The sources that plan have changed. Can the same policies and facts now lead to another plan? If so, change PLANNER in shared/domain/version.ts. Then write the new digest here.',
  ).toEqual({ engine: 5, since: 'tenure/0.2.0', digest: '0cf33db2608bd4f5' });
});

/** Without comments, empty lines and the breaks of lines. */
function codeOf(source: string): string {
  return source
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/\s+/g, ' ');
}
