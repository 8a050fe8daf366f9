import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FIELD_CASES } from '../../support/field-cases.ts';

const root = new URL('../../../', import.meta.url);
const rows = readFileSync(new URL('docs/field-cases.md', root), 'utf8').matchAll(
  /^\| (B\d\d) \| [^|]+ \| ([^|]+) \|$/gm,
);

describe('cases from the field', () => {
  test('are all on the page, which says which of them are not supported', () => {
    const onPage = [...rows].map(([, id = '', answer = '']) => ({
      id,
      is: answer.startsWith('Not supported'),
    }));
    const inTests = FIELD_CASES.map(({ id, answer }) => ({ id, is: answer === 'not-supported' }));
    const sorted = (all: typeof onPage): typeof onPage => all.toSorted((a, b) => a.id.localeCompare(b.id));
    expect(sorted(onPage)).toEqual(sorted(inTests));
  });

  test.each(FIELD_CASES)('$id names tests that exist', ({ tests }) => {
    for (const [file] of tests) expect(existsSync(new URL(`test/${file}`, root)), file).toBe(true);
  });

  test('are those of the list beside the checkout, where there is one', () => {
    const list = new URL('../shared/field-cases.jsonl', root);
    if (!existsSync(list)) return;
    const lines = readFileSync(list, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const ids = lines.map((line) => (JSON.parse(line) as { id: string }).id);
    expect(FIELD_CASES.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  });
});
