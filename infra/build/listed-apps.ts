import { fileURLToPath } from 'node:url';
import example from '../../examples/deployment/retention.config.ts';
import retention from '../../retention.config.ts';
import type { TenureConfig } from '../load-deployment.ts';

/** An app of this repository: its title, what it deploys, and the folder that its paths are relative to. */
interface ListedApp {
  readonly title: string;
  readonly config: TenureConfig;
  readonly folder: string;
}

/** The apps whose templates are checked, and whose roles `docs/least-privilege.md` lists. */
export const LISTED_APPS: readonly ListedApp[] = [
  {
    title: 'The deployment of `retention.config.ts`',
    config: retention,
    folder: fileURLToPath(new URL('../../', import.meta.url)),
  },
  {
    title: 'The example in `examples/deployment`',
    config: example,
    folder: fileURLToPath(new URL('../../examples/deployment/', import.meta.url)),
  },
];
