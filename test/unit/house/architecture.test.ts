import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as rules from '../../support/house/architecture-rules.ts';
import { scan, type SourceFile } from '../../support/house/source-scan.ts';

interface Example {
  readonly fact: string;
  readonly rule: rules.Rule;
  readonly refused: readonly (readonly SourceFile[])[];
  readonly accepted: readonly SourceFile[];
}

const file = (path: string, text = ''): SourceFile => ({ path, text });
const crowd = (folder: string, count: number): SourceFile[] =>
  Array.from({ length: count }, (_, index) => file(`${folder}/f${index}.ts`));
const lines = (count: number): string => 'export {};\n'.repeat(count);

/** Each rule with violations that it must catch, and similar cases that it must allow. */
const examples: readonly Example[] = [
  {
    fact: 'imports follow the table of directions',
    rule: rules.importsFollowTheTable,
    refused: [
      [file('shared/domain/plan/plan.ts', "import { readFile } from 'node:fs/promises';")],
      [file('shared/domain/plan/plan.ts', "import type { Registry } from '../../ports/registry.ts';")],
      [file('shared/domain/plan/plan.ts', "export * from '../../ports/registry.ts';")],
      [file('shared/domain/plan/plan.ts', "type A = import('../../ports/registry.ts').Registry;")],
      [file('shared/domain/rule/parse.ts', "import { planOf } from '../plan/plan.ts';")],
      [file('shared/domain/evaluate/join.ts', "import type { Plan } from '../plan/plan.ts';")],
      [file('shared/domain/own.ts', "import { planOf } from './plan/plan.ts';")],
      [file('shared/stores/s3/s3.ts', "import { open } from '../dynamodb/dynamodb.ts';")],
      [file('shared/stores/s3/s3.ts', "import { openS3Store } from './s3-store.ts';")],
      [file('shared/stores/s3/s3.ts', "import { S3Client } from '@aws-sdk/client-s3';")],
      [file('local/engines/s3.ts', "import { start } from '../system.ts';")],
      [file('shared/ports/registry.ts', "import { planOf } from '../domain/plan.ts';")],
      [file('shared/ports/registry.ts', "import { type Plan } from '../domain/plan.ts';")],
      [file('shared/stores/postgresql/postgresql.ts', "import pg from 'pg';")],
      [file('shared/stores/dynamodb/dynamodb.ts', "export const load = () => import('pg');")],
      [file('shared/stores/dynamodb/dynamodb.ts', 'export const load = (name: string) => import(name);')],
      [file('shared/client/client.ts', "import { DynamoDB } from '@aws-sdk/client-dynamodb';")],
      [file('functions/sweep/sweep.ts', "import { dispose } from '../dispose/dispose.ts';")],
      [
        file(
          'functions/sweep/sweep.ts',
          "import { table } from '../../../shared/adapters/dynamodb/dynamo-table.ts';",
        ),
      ],
      [file('functions/sweep/handler.ts', "import { clock } from '../../local/clock.ts';")],
      [file('infra/app.ts', "import { Config } from '../functions/sweep/config.ts';")],
      [file('cli/list.ts', "import { stores } from '../shared/stores/kinds.ts';")],
      [file('shared/newroom/thing.ts', 'export {};')],
    ],
    accepted: [
      file(
        'shared/domain/configuration/policy.ts',
        "import { createHash } from 'node:crypto';\nimport { a } from '../rule/ast.ts';",
      ),
      file(
        'shared/domain/configuration/schema.ts',
        "import * as z from 'zod';\n// import 'pg';\nconst s = \"import 'pg'\";",
      ),
      file('shared/ports/registry.ts', "import type { Plan } from '../domain/plan.ts';"),
      file('shared/stores/postgresql/postgresql.ts', "import type { Pool } from 'pg';\nawait import('pg');"),
      file(
        'functions/sweep/handler.ts',
        "import { x } from '../../shared/adapters/a.ts';\nimport './sweep.ts';",
      ),
      file('infra/app.ts', "import type { Config } from '../functions/sweep/config.ts';"),
      file('local/start.ts', "import { sweep } from '../functions/sweep/sweep.ts';\nimport 'dynalite';"),
      file('cli/preflight/stores.ts', "import { stores } from '../../shared/stores/kinds.ts';"),
    ],
  },
  {
    fact: 'one file of the domain does calendar arithmetic',
    rule: rules.oneFileImportsTemporal,
    refused: [
      ['a', 'b'].map((name) =>
        file(`shared/domain/${name}.ts`, "import { Temporal } from 'temporal-polyfill/implementation';"),
      ),
    ],
    accepted: [
      file('shared/domain/calendar.ts', "import { Temporal } from 'temporal-polyfill/implementation';"),
      file('test/unit/calendar.test.ts', "import { Temporal } from 'temporal-polyfill/implementation';"),
    ],
  },
  {
    fact: 'imports form no cycle, not even of types',
    rule: rules.noImportCycle,
    refused: [
      [
        file('shared/domain/a.ts', "import { b } from './b.ts';"),
        file('shared/domain/b.ts', "import { c } from './rule/c.ts';"),
        file('shared/domain/rule/c.ts', "import type { A } from '../a.ts';"),
      ],
      [file('local/a.ts', "await import('./a.ts');")],
    ],
    accepted: [
      file('shared/domain/a.ts', "import { b } from './b.ts';\nimport { c } from './c.ts';"),
      file('shared/domain/b.ts', "import { c } from './c.ts';"),
      file('shared/domain/c.ts'),
    ],
  },
  {
    fact: 'no source file is longer than 300 lines, no test longer than 400',
    rule: rules.filesAreShort,
    refused: [[file('shared/domain/plan/plan.ts', lines(301))], [file('test/unit/plan.test.ts', lines(401))]],
    accepted: [
      file('shared/domain/plan/plan.ts', lines(300)),
      file('test/unit/plan.test.ts', lines(400)),
      file('docs/design.md', lines(301)),
    ],
  },
  {
    fact: 'no folder has more than 25 files',
    rule: rules.foldersAreNotCrowded,
    refused: [crowd('shared/domain', 26), crowd('test/unit/edge', 26)],
    accepted: [...crowd('shared/domain', 25), ...crowd('shared/domain/rule', 25)],
  },
  {
    fact: 'no folder is deeper than three',
    rule: rules.foldersAreShallow,
    refused: [[file('shared/domain/rule/parser/tokens.ts')]],
    accepted: [file('shared/domain/rule/tokens.ts'), file('test/unit/domain/tokens.test.ts')],
  },
  {
    fact: 'file names say what is inside',
    rule: rules.namesSayWhatIsInside,
    refused: [
      [file('shared/domain/utils.ts')],
      [file('shared/domain/date-utils.ts')],
      [file('shared/helpers/dates.ts')],
      [file('shared/common/dates.ts')],
      [file('shared/domain/types.ts')],
      [file('cli/interfaces.ts')],
      [file('test/support/utils.ts')],
    ],
    accepted: [file('test/support/helpers.ts'), file('shared/domain/entity-types.ts')],
  },
  {
    fact: 'file names are written in kebab-case',
    rule: rules.namesAreKebabCase,
    refused: [[file('shared/domain/ruleParser.ts')], [file('shared/Domain/rule.ts')], [file('cli/a_b.ts')]],
    accepted: [file('shared/domain/rule-parser.ts'), file('test/unit/s3-store.test.ts'), file('README.md')],
  },
  {
    fact: 'zod is imported as a namespace',
    rule: rules.zodIsANamespace,
    refused: [
      [file('shared/domain/policy.ts', "import { z } from 'zod';")],
      [file('shared/domain/policy.ts', "import z from 'zod';")],
      [file('shared/domain/policy.ts', "export { z } from 'zod';")],
    ],
    accepted: [
      file('shared/domain/policy.ts', "import * as z from 'zod';"),
      file('shared/domain/plan/plan.ts', "import type { ZodType } from 'zod';"),
    ],
  },
  {
    fact: 'time comes from outside, except in adapters, handlers, tools and tests',
    rule: rules.timeComesFromOutside,
    refused: [
      [file('shared/domain/plan/plan.ts', 'export const at = new Date();')],
      [file('shared/protocol/claim.ts', 'export const at = Date.now();')],
      [file('functions/sweep/sweep.ts', 'export const at = new Date(0);')],
      [file('shared/domain/calendar.ts', 'export const at = Temporal.Now.instant();')],
    ],
    accepted: [
      file(
        'shared/domain/plan/plan.ts',
        '// new Date() would read the clock\nexport const s = "Date.now()";',
      ),
      file('shared/adapters/system-clock.ts', 'export const at = Date.now();'),
      file('functions/sweep/handler.ts', 'export const at = new Date();'),
      file('test/unit/plan.test.ts', 'export const at = new Date();'),
    ],
  },
  {
    fact: 'nothing has type any',
    rule: rules.nothingIsAny,
    refused: [
      [file('shared/domain/plan/plan.ts', 'export const a: any = 1;')],
      [file('test/unit/plan.test.ts', 'export const a = (b: unknown) => b as any[];')],
    ],
    accepted: [file('shared/domain/plan/plan.ts', '/** not: any */\nexport const a: unknown = ": any";')],
  },
];

const root = fileURLToPath(new URL('../../../', import.meta.url));
const tree = ['shared', 'functions', 'infra', 'local', 'cli', 'console', 'examples', 'test', 'docs']
  .flatMap(filesBelow)
  .map(scan);

describe('in this repository', () => {
  test.for(examples)('$fact', ({ rule }) => {
    const violations = rule(tree);
    if (violations.length > 0) expect.fail(violations.join('\n'));
  });

  test('the scan sees the sources', () => {
    expect(tree.filter(({ path }) => path.startsWith('shared/domain/')).length).toBeGreaterThan(5);
    expect(tree.flatMap(({ imports }) => imports).length).toBeGreaterThan(20);
  });
});

describe('the rule catches a planted violation:', () => {
  test.for(examples)('$fact', ({ rule, refused, accepted }) => {
    for (const planted of refused) {
      expect(rule(planted.map(scan)), planted.map(({ text, path }) => `${path}: ${text}`).join('\n')).toEqual(
        planted.length === 1
          ? [expect.stringContaining(planted[0]?.path ?? '')]
          : expect.arrayContaining([expect.any(String)]),
      );
    }
    expect(rule(accepted.map(scan))).toEqual([]);
  });
});

function filesBelow(folder: string): SourceFile[] {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  } catch (error) {
    // A folder that does not exist yet breaks no rule.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const absolute = join(entry.parentPath, entry.name);
      const path = relative(root, absolute).split(sep).join('/');
      return file(path, path.endsWith('.ts') || path.endsWith('.tsx') ? readFileSync(absolute, 'utf8') : '');
    });
}
