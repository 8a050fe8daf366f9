import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import deployment from '../../examples/deployment/retention.config.ts';
import type { TenureConfig } from '../../infra/load-deployment.ts';
import retention from '../../retention.config.ts';
import { ROOT } from '../support/house/synthesized.ts';
import { calledMethods } from './called-methods.ts';
import { checkApp } from './check-app.ts';
import { checkedCases } from './checked-cases.ts';
import { readDeployed } from './deployed.ts';
import { EXCUSES } from './excuses.ts';
import type { CheckedApp } from './function-calls.ts';
import { lintTemplates } from './lint-templates.ts';
import { SDK_COMMANDS } from './sdk-commands.ts';
import { synthesizeExample, synthesizeRoot, synthesizeVaried } from './synthesize.ts';

/**
 * `npm run policies`: judges by a policy simulator what the synthesized templates of both apps allow and deny. Every call
 * of the code has to be allowed, and everything that must not be has to be denied. Then each policy is changed in one
 * place after the other, and a case has to notice it.
 */
const bundles = join(ROOT, 'dist/bundles');
if (!existsSync(bundles)) throw new Error('The bundles are not built: run `npm run build`.');

const folder = await mkdtemp(join(tmpdir(), 'tenure-policies-'));
try {
  const methods = await calledMethods();
  const used = new Set<RegExp>();
  const simulated = new Set<string>();
  let failed = false;
  const fail = (line: string): void => {
    failed = true;
    console.log(`  ${line}`);
  };
  for (const app of await apps(folder)) {
    const started = performance.now();
    const cases = checkedCases(app, methods);
    const { wrong, mutants, unnoticed } = await checkApp(app, cases);
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(
      `${app.name}: ${cases.allowed.length} allowed; ${cases.denied.length} denied by name, ${cases.derived.length} derived; ` +
        `${mutants} changes of policies noticed, apart from ${unnoticed.length}; ${seconds} s`,
    );
    wrong.forEach(fail);
    const linted = await lintTemplates(app.templates);
    console.log(`  cfn-lint: ${linted.templates} templates, ${linted.excused} findings excused`);
    linted.wrong.forEach(fail);
    for (const { action } of cases.allowed) simulated.add(action);
    for (const line of unnoticed) {
      const excuse = EXCUSES.find(({ change }) => change.test(line));
      if (excuse === undefined) fail(`no case notices this change: ${line}`);
      else used.add(excuse.change);
    }
  }
  for (const [file, commands] of Object.entries(SDK_COMMANDS))
    for (const action of Object.values(commands).flat())
      if (!simulated.has(action)) fail(`${file} needs ${action}, and no case is about it`);
  for (const { change } of EXCUSES)
    if (!used.has(change)) fail(`the excuse ${change.source} excuses nothing`);
  if (failed) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function apps(within: string): Promise<readonly CheckedApp[]> {
  const [own, varied, example] = ['own', 'varied', 'example'].map((name) => join(within, name)) as [
    string,
    string,
    string,
  ];
  await synthesizeRoot(own);
  await synthesizeVaried(varied);
  await synthesizeExample(join(within, 'app'), example);
  const databaseIds = Object.fromEntries(
    Object.entries(retention.stores).flatMap(([store, { lane }]) =>
      lane?.login !== undefined && 'databaseId' in lane.login ? [[store, lane.login.databaseId]] : [],
    ),
  );
  const laneKeys = laneKeysOf(retention);
  return [
    {
      name: 'retention.config.ts',
      templates: own,
      deployed: readDeployed(own, bundles),
      databaseIds,
      laneKeys,
    },
    {
      name: 'retention.config.ts after a restore, with other accounts',
      templates: varied,
      deployed: readDeployed(varied, bundles),
      databaseIds,
      laneKeys,
      // The others are as they were.
      changed: /Adopted|ForeignAccess|SweepRole|role\/tenure-eu-central-1-/,
    },
    {
      name: 'examples/deployment',
      templates: example,
      deployed: readDeployed(example, bundles),
      databaseIds: {},
      laneKeys: laneKeysOf(deployment),
    },
  ];
}

function laneKeysOf({ stores }: TenureConfig): CheckedApp['laneKeys'] {
  return Object.fromEntries(
    Object.entries(stores).flatMap(([store, { lane }]) =>
      lane?.key === undefined ? [] : [[store, lane.key]],
    ),
  );
}
