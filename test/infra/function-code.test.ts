import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Tenure } from '../../infra/tenure.ts';
import retention from '../../retention.config.ts';
import { STORE_KINDS } from '../../shared/stores/kinds.ts';
import { ROOT } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ testTimeout: 240_000 });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-code-'));
  const kinds = Object.keys(STORE_KINDS).map((kind) => `dispose-${kind}`);
  for (const bundle of ['api', 'ingest', 'seal', 'sweep', ...kinds]) {
    mkdirSync(join(folder, 'bundles', bundle), { recursive: true });
    writeFileSync(join(folder, 'bundles', bundle, 'index.mjs'), 'export {};\n');
  }
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Stored {
  readonly stores: Readonly<Record<string, { readonly options: object }>>;
  readonly operators: readonly string[];
}

function configurations(): readonly Stored[] {
  const assets = readdirSync(join(folder, 'out')).filter((name) => name.startsWith('asset.'));
  return assets
    .filter((asset) => readdirSync(join(folder, 'out', asset)).includes('config.json'))
    .map((asset) => JSON.parse(readFileSync(join(folder, 'out', asset, 'config.json'), 'utf8')) as Stored);
}

test('every lane gets the configuration of its own store, also among lanes of the same kind', () => {
  const kinds = Object.values(retention.stores).map(({ kind }) => kind);
  expect(new Set(kinds).size).toBeLessThan(kinds.length);
  const app = new App({ outdir: join(folder, 'out') });
  new Tenure(app, 'Tenure', { config: retention, folder: ROOT, bundles: join(folder, 'bundles') });
  app.synth();
  const lanes = configurations()
    .map(({ stores }) => Object.entries(stores))
    .filter(([first, ...more]) => more.length === 0 && Object.keys(first?.[1].options ?? {}).length > 0)
    .map(([first]) => first?.[0] ?? '');
  expect(lanes.toSorted()).toEqual(Object.keys(retention.stores).toSorted());
});

test('every deployment of an app gets its own configuration', () => {
  const app = new App({ outdir: join(folder, 'out') });
  const operators = ['one', 'two'].map((name) => [`arn:aws:iam::111122223333:role/${name}`]);
  for (const [index, own] of operators.entries()) {
    const deployment = { ...retention.deployment, name: `tenure-${index}` };
    new Tenure(app, `Tenure${index}`, {
      config: { ...retention, deployment, operators: own },
      folder: ROOT,
      bundles: join(folder, 'bundles'),
    });
  }
  app.synth();
  const found = configurations().map((each) => each.operators);
  expect(found.filter((each) => each.length > 0)).toHaveLength(2);
  expect(found).toEqual(expect.arrayContaining(operators));
});
