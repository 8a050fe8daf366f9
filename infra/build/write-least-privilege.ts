import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { leastPrivilegePage } from '../least-privilege.ts';
import { templatesOf } from './templates-of.ts';
import { Tenure } from '../tenure.ts';
import { LISTED_APPS } from './listed-apps.ts';

/** `npm run docs:least-privilege`: synthesizes the apps of this repository, and writes the page. */
const folder = mkdtempSync(join(tmpdir(), 'tenure-least-privilege-'));
try {
  const apps = LISTED_APPS.map(({ title, ...app }, index) => {
    const tenure = new Tenure(new App({ outdir: join(folder, String(index)) }), 'Tenure', app);
    const { state, service } = templatesOf(tenure);
    return { title, templates: [state, service] };
  });
  const page = fileURLToPath(new URL('../../docs/least-privilege.md', import.meta.url));
  writeFileSync(page, leastPrivilegePage(apps));
  console.log(`Wrote ${page}.`);
} finally {
  rmSync(folder, { recursive: true });
}
