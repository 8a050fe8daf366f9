#!/usr/bin/env node
import { existsSync } from 'node:fs';

/** A checkout runs its source. A package has none: Node strips no types below node_modules. */
const [source, compiled] = ['tenure.ts', '../dist/cli/tenure.js'].map(
  (file) => new URL(file, import.meta.url),
);
await import((existsSync(source) ? source : compiled).href);
