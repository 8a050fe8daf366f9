#!/usr/bin/env node
import { existsSync } from 'node:fs';

/**
 * A checkout runs its TypeScript source. A package has compiled code, because Node does not strip types in
 * node_modules.
 */
const [source, compiled] = ['tenure.ts', '../dist/cli/tenure.js'].map(
  (file) => new URL(file, import.meta.url),
);
await import((existsSync(source) ? source : compiled).href);
