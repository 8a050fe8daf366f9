import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { leastPrivilegePage, type Template } from '../least-privilege.ts';

/** `npm run docs:least-privilege`: writes the page from the templates that `cdk synth` has just written. */
const root = new URL('../../', import.meta.url);
const synthesized = new URL('cdk.out/', root);
const templates = readdirSync(synthesized)
  .filter((file) => file.endsWith('.template.json'))
  .map((file) => JSON.parse(readFileSync(new URL(file, synthesized), 'utf8')) as Template);
const page = fileURLToPath(new URL('docs/least-privilege.md', root));
writeFileSync(page, leastPrivilegePage(templates));
console.log(`Wrote ${page}.`);
