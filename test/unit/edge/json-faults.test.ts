import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEEPEST_JSON, type JsonFault, jsonFaults } from '../../../shared/contract/json-faults.ts';

/** JSON as it is written: an object may give a name twice. */
type Written =
  | { readonly kind: 'text'; readonly text: string; readonly isTooLarge?: true }
  | { readonly kind: 'array'; readonly items: readonly Written[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Written])[] };

const space = fc.constantFrom('', '', ' ', '\n\t');
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'items', '__proto__', 'constructor', '', ':', '{"', 'a\\'),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const text = fc.oneof(
  fc.constantFrom('1e400', '-1E999', '1e-400').map((number): Written => ({
    kind: 'text',
    text: number,
    ...(!number.includes('e-') && { isTooLarge: true as const }),
  })),
  fc.json({ maxDepth: 0 }).map((written): Written => ({ kind: 'text', text: written })),
);
const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { maxDepth: 5 },
    text,
    fc.array(tie('written'), { maxLength: 4 }).map((items): Written => ({ kind: 'array', items })),
    fc
      .array(fc.tuple(name, tie('written')), { maxLength: 4 })
      .map((members): Written => ({ kind: 'object', members })),
  ),
}));

/** Written with escapes alone, so that two spellings of one name meet. */
const quoted = (value: string, escapes: boolean): string =>
  escapes
    ? `"${Array.from({ length: value.length }, (_, at) => `\\u${value.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
    : JSON.stringify(value);

function textOf(node: Written, gap: string): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'array':
      return `[${gap}${node.items.map((item) => textOf(item, gap)).join(`${gap},${gap}`)}]`;
    case 'object':
      return `{${gap}${node.members
        .map(([key, value], index) => `${quoted(key, index % 2 === 1)}${gap}:${gap}${textOf(value, gap)}`)
        .join(`,${gap}`)}${gap}}`;
  }
}

/** The same by recursion over what was written: every fault, in the order of the text. */
function expected(node: Written, path: JsonFault['path'] = []): JsonFault[] {
  switch (node.kind) {
    case 'text':
      return node.isTooLarge === true ? [{ code: 'JSON_NUMBER_TOO_LARGE', path }] : [];
    case 'array':
      return node.items.flatMap((item, index) => expected(item, [...path, index]));
    case 'object':
      return node.members.flatMap(([key, value], index) => {
        const here = [...path, key];
        const isSecond = node.members.slice(0, index).some(([earlier]) => earlier === key);
        return [
          ...(key === '__proto__' ? [{ code: 'JSON_NAME_FORBIDDEN', path: here } as const] : []),
          ...(isSecond ? [{ code: 'JSON_NAME_TWICE', path: here } as const] : []),
          ...expected(value, here),
        ];
      });
  }
}

const firstOfEach = (faults: readonly JsonFault[]): JsonFault[] => [
  ...new Map(
    faults.toReversed().map((fault) => [JSON.stringify(fault.path.slice(0, 2)), fault] as const),
  ).values(),
];
const inOrder = (faults: readonly JsonFault[]): string[] =>
  faults.map((fault) => JSON.stringify(fault)).toSorted();

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('the faults of a JSON text', () => {
  test('are those that were written into it, each with its place', () => {
    fc.assert(
      fc.property(written, space, (node, gap) => {
        const json = textOf(node, gap);
        JSON.parse(json);
        expect(inOrder(jsonFaults(json))).toEqual(inOrder(firstOfEach(expected(node))));
      }),
      { numRuns: 2000 },
    );
  });

  test('are none where JSON.parse loses nothing', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
        const hasProto = json.includes('__proto__');
        expect(jsonFaults(json).filter(({ code }) => !(hasProto && code === 'JSON_NAME_FORBIDDEN'))).toEqual(
          [],
        );
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['100 levels', nested(DEEPEST_JSON), []],
    ['101 levels', nested(DEEPEST_JSON + 1), ['JSON_TOO_DEEP']],
    ['100,000 levels', nested(100_000), ['JSON_TOO_DEEP']],
    ['names in 200,000 levels', '{"a":'.repeat(200_000) + '1' + '}'.repeat(200_000), ['JSON_TOO_DEEP']],
    [
      'a name twice at the deepest level',
      `${'['.repeat(99)}{"a":1,"a":2}${']'.repeat(99)}`,
      ['JSON_NAME_TWICE'],
    ],
    ['a name twice in two objects', '[{"a":1},{"a":2}]', []],
    ['a name and a value that are the same', '{"a":"a","b":"a"}', []],
    ['a reserved name as a value', '{"a":"__proto__"}', []],
    ['brackets and quotes in a text', '{"a":"}]\\",{[\\\\","b":1}', []],
  ])('of %s', (_, json, codes) => {
    JSON.parse(json);
    expect(jsonFaults(json).map(({ code }) => code)).toEqual(codes);
  });

  test('are found quickly where a name is as long as half of the text', () => {
    const inside = `{"b":{${'"a":1,'.repeat(200_000)}"a":1}}`;
    const json = `{"${'x'.repeat(1_000_000)}":${inside}}`;
    // With a copy of the name for each fault it does not come to its end within the test's own limit.
    expect(jsonFaults(json).map(({ code }) => code)).toEqual(['JSON_NAME_TWICE']);
  });

  test('are found in time that grows with the text, whatever is in it', () => {
    const sizes = [250_000, 1_000_000];
    for (const unit of ['"\\\\",', '{"a":1,"a":2},', '"",', '1e999,', '  \n  ,"a"'.slice(0, 6) + '"a",']) {
      const texts = sizes.map((size) => `[${unit.repeat(size / unit.length)}0]`);
      for (const json of texts)
        expect(jsonFaults(json).length).toBeLessThanOrEqual(json.length / unit.length);
    }
  });
});
