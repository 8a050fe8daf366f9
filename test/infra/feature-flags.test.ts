import { join } from 'node:path';
import { FLAGS } from 'aws-cdk-lib/cx-api';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { LISTED_APPS } from '../../infra/build/listed-apps.ts';
import { FEATURE_FLAGS } from '../../infra/feature-flags.ts';
import retention from '../../retention.config.ts';
import { flagsOf, ROOT, synthesized } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ hookTimeout: 240_000, testTimeout: 240_000 });

/** CDK refuses to read these: they were flags of its first version. */
const GONE: ReadonlySet<string> = new Set([
  '@aws-cdk/core:enableStackNameDuplicates',
  '@aws-cdk/aws-kms:defaultKeyPolicies',
]);

/** The templates of each stack, as text. */
function templates(flags: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const { stacks } = synthesized(retention, { flags });
  return Object.fromEntries([...stacks].map(([path, template]) => [path, JSON.stringify(template.toJSON())]));
}

describe('the templates', () => {
  const ours = flagsOf(ROOT);
  let expected: Readonly<Record<string, string>>;
  beforeAll(() => {
    expected = templates(ours);
  });

  /** Every flag of the installed CDK with another value than ours. */
  const opposite = Object.fromEntries(
    Object.keys(FLAGS)
      .filter((flag) => !GONE.has(flag))
      .map((flag) => [flag, typeof ours[flag] === 'boolean' ? ours[flag] !== true : true]),
  );

  test.for<[string, Readonly<Record<string, unknown>>]>([
    ['without any flag', {}],
    ['with strong references', { ...ours, '@aws-cdk/core:defaultCrossStackReferences': 'strong' }],
    [
      'with every flag the other way round',
      {
        ...opposite,
        '@aws-cdk/core:defaultCrossStackReferences': 'both',
        '@aws-cdk/core:target-partitions': ['aws'],
      },
    ],
  ])('are the same in an app %s', ([, flags]) => {
    expect(templates(flags)).toEqual(expected);
  });

  test('depend on flags that have the same values in this repository’s cdk.json', () => {
    for (const [flag, value] of Object.entries(FEATURE_FLAGS))
      expect([flag, ours[flag]]).toEqual([flag, value]);
  });

  test('of the example have resources of the same types as ours, stack by stack, and import no export', () => {
    const [own, example] = LISTED_APPS.map(({ config, folder }) =>
      synthesized(config, { folder, flags: flagsOf(folder) }),
    );
    const types = ({ stacks }: NonNullable<typeof own>): Readonly<Record<string, readonly string[]>> => {
      const found = [...stacks].map(([path, template]) => {
        const { Resources } = template.toJSON() as { readonly Resources: Record<string, { Type: string }> };
        const kind = path.includes('LaneStack') ? 'a lane' : path;
        return [kind, [...new Set(Object.values(Resources).map(({ Type }) => Type))].toSorted()] as const;
      });
      return Object.fromEntries(found);
    };
    if (own === undefined || example === undefined) throw new Error('there are not two apps');
    expect(types(example)).toEqual(types(own));
    for (const template of [...own.stacks.values(), ...example.stacks.values()]) {
      const text = JSON.stringify(template.toJSON());
      expect(text).not.toContain('Fn::ImportValue');
      expect(text).not.toContain('"Export"');
    }
  });
});

test('the example’s cdk.json has the flags of this repository’s, for the rest of its app', () => {
  expect(flagsOf(join(ROOT, 'examples/deployment'))).toEqual(flagsOf(ROOT));
});
