#!/usr/bin/env node
import { existsSync } from 'node:fs';
import process from 'node:process';

const OLDEST = 24;

// An older Node cannot read the source, and does not have everything that the compiled code uses.
const { node } = process.versions;
if (Number.parseInt(node, 10) < OLDEST) {
  process.stderr.write(
    `tenure needs Node ${OLDEST} or later, and this is Node ${node}. In a checkout, \`npx tenure\` uses the right one.\n`,
  );
  process.exit(2);
}

/**
 * A checkout runs its TypeScript source. A package has compiled code, because Node does not strip types in
 * node_modules.
 */
const [source, compiled] = ['tenure.ts', '../dist/cli/tenure.js'].map(
  (file) => new URL(file, import.meta.url),
);
await import((existsSync(source) ? source : compiled).href);
