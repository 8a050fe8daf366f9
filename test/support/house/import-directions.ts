import { STORE_KINDS } from '../../../shared/stores/kinds.ts';

/**
 * Who may import whom, as data. A file may always import from its own room: `shared/<room>`, `functions/<verb>` or the
 * top-level folder, and in an inner room with a row of its own, only that inner room. Everything else has to be listed.
 * The first row that matches a file decides, so the narrower row comes first. `*` in a pattern matches any letters;
 * in `room` and `folders` it stays within one path segment.
 */
export interface Direction {
  readonly room: string;
  readonly folders: readonly string[];
  /** Only by `import type`. */
  readonly folderTypes?: readonly string[];
  /** npm packages and node: modules. */
  readonly packages: readonly string[];
  /**
   * Only by `import type`, by `import()` when it is used, or by what is loaded so itself, so that a function loads only the
   * client it needs.
   */
  readonly lazyPackages?: readonly string[];
}

const cli: Omit<Direction, 'room'> = {
  folders: ['shared/client', 'shared/contract', 'shared/domain', 'shared/policy-files'],
  packages: ['commander', '@commander-js/extra-typings', 'cli-table3', 'zod', 'node:*'],
};

export const directions: readonly Direction[] = [
  // Inner rooms of the domain, each above those that it may import. The files at its root are small tools for all.
  { room: 'shared/domain/*.ts', folders: [], packages: ['canonicalize', 'node:crypto'] },
  { room: 'shared/domain/record', folders: ['shared/domain/*.ts'], packages: ['node:crypto'] },
  {
    room: 'shared/domain/log',
    folders: ['shared/domain/*.ts', 'shared/domain/record'],
    packages: ['node:crypto', 'zod'],
  },
  {
    room: 'shared/domain/calendar',
    folders: ['shared/domain/*.ts', 'shared/domain/record'],
    packages: ['temporal-polyfill/implementation'],
  },
  {
    room: 'shared/domain/rule',
    folders: ['shared/domain/*.ts', 'shared/domain/record', 'shared/domain/calendar'],
    packages: [],
  },
  {
    room: 'shared/domain/facts',
    folders: ['shared/domain/*.ts', 'shared/domain/record'],
    packages: ['node:crypto'],
  },
  {
    room: 'shared/domain/configuration',
    folders: [
      'shared/domain/*.ts',
      'shared/domain/record',
      'shared/domain/calendar',
      'shared/domain/rule',
      'shared/domain/facts',
      'shared/domain/people',
      'shared/domain/collections',
      'shared/domain/datasets',
      'shared/domain/columns',
      'shared/domain/guard',
      'shared/domain/coverage',
    ],
    packages: ['zod', 'node:crypto'],
  },
  // What is disposed of without a registration of each record.
  {
    room: 'shared/domain/collections',
    folders: [
      'shared/domain/*.ts',
      'shared/domain/record',
      'shared/domain/rule',
      'shared/domain/facts',
      'shared/domain/configuration',
    ],
    packages: ['zod'],
  },
  // Rows with clocks of their own: what is configured, and how a row is planned.
  {
    room: 'shared/domain/datasets',
    folders: [
      'shared/domain/*.ts',
      'shared/domain/record',
      'shared/domain/calendar',
      'shared/domain/rule',
      'shared/domain/facts',
      'shared/domain/configuration',
      'shared/domain/collections',
    ],
    packages: ['zod'],
  },
  // Columns that say facts about entities.
  {
    room: 'shared/domain/columns',
    folders: [
      'shared/domain/*.ts',
      'shared/domain/record',
      'shared/domain/calendar',
      'shared/domain/rule',
      'shared/domain/facts',
      'shared/domain/configuration',
      'shared/domain/collections',
      'shared/domain/datasets',
    ],
    packages: ['zod'],
  },
  {
    room: 'shared/domain/guard',
    folders: [
      'shared/domain/*.ts',
      'shared/domain/record',
      'shared/domain/calendar',
      'shared/domain/configuration',
    ],
    packages: ['zod', 'node:crypto'],
  },
  {
    room: 'shared/domain/evaluate',
    folders: [
      'shared/domain/*.ts',
      'shared/domain/record',
      'shared/domain/calendar',
      'shared/domain/rule',
      'shared/domain/facts',
      'shared/domain/configuration',
      'shared/domain/people',
    ],
    packages: [],
  },
  { room: 'shared/domain/plan', folders: ['shared/domain'], packages: [] },
  // What people ask for: some of its files are read by the configuration, and others read plans.
  { room: 'shared/domain/people', folders: ['shared/domain'], packages: ['zod'] },
  // What other policies would make of records: plans them by both.
  { room: 'shared/domain/policy-plan', folders: ['shared/domain'], packages: [] },
  // What of a restored store is there again: found by the sweep and a lane, shown by the API and the command line.
  {
    room: 'shared/domain/replay',
    folders: ['shared/domain/*.ts', 'shared/domain/record', 'shared/domain/facts'],
    packages: [],
  },
  // How many records go when: counted by the census, shown by the API and the command line.
  {
    room: 'shared/domain/forecast',
    folders: ['shared/domain/*.ts', 'shared/domain/record', 'shared/domain/calendar'],
    packages: [],
  },
  // What lies in stores that nothing covers: found by stores, told by the API and the command line.
  {
    room: 'shared/domain/coverage',
    folders: [
      'shared/domain/*.ts',
      'shared/domain/record',
      'shared/domain/calendar',
      'shared/domain/configuration',
    ],
    packages: ['zod', 'node:crypto'],
  },
  // The archive of a person's export: written by the sweep, read by the command line.
  {
    room: 'shared/domain/export',
    folders: ['shared/domain/*.ts', 'shared/domain/record', 'shared/domain/calendar'],
    packages: ['zod', 'node:crypto'],
  },

  { room: 'shared/contract', folders: ['shared/domain'], packages: ['zod'] },
  { room: 'shared/ports', folders: [], folderTypes: ['shared/domain'], packages: [] },
  // What is sealed is compressed first: afterwards it cannot be.
  {
    room: 'shared/protocol',
    folders: ['shared/ports', 'shared/domain'],
    packages: ['node:crypto', 'node:zlib'],
  },
  {
    room: 'shared/adapters/memory',
    folders: [
      'shared/ports',
      'shared/domain',
      'shared/adapters/*.ts',
      'shared/adapters/columns',
      'shared/adapters/log-index',
      'shared/adapters/marks',
      'shared/adapters/people',
      'shared/adapters/policy-plan',
      'shared/adapters/replay',
    ],
    packages: ['node:crypto'],
  },
  {
    room: 'shared/adapters/dynamodb',
    folders: [
      'shared/ports',
      'shared/domain',
      'shared/adapters/*.ts',
      'shared/adapters/columns',
      'shared/adapters/log-index',
      'shared/adapters/marks',
      'shared/adapters/people',
      'shared/adapters/policy-plan',
      'shared/adapters/replay',
    ],
    packages: [
      '@aws-sdk/*',
      '@smithy/*',
      'zod',
      'node:crypto',
      'node:http',
      'node:https',
      'node:timers/promises',
      'node:util',
      'node:zlib',
    ],
  },
  {
    room: 'shared/adapters',
    folders: ['shared/ports', 'shared/domain'],
    packages: [
      '@aws-sdk/*',
      'aws4fetch',
      'zod',
      'node:crypto',
      'node:timers/promises',
      'node:util',
      'node:zlib',
    ],
  },
  // The store of a vendor is a network client of its own: it decides which addresses it connects to.
  {
    room: 'shared/stores/http',
    folders: ['shared/ports', 'shared/domain', 'shared/stores/*.ts'],
    packages: ['zod', 'ipaddr.js', 'node:crypto', 'node:dns', 'node:http', 'node:https', 'node:net'],
  },
  // A kind knows its own driver, which its own data names, and no other kind.
  ...Object.values(STORE_KINDS).map(({ kind, driver }) => ({
    room: `shared/stores/${kind}`,
    folders: ['shared/ports', 'shared/domain', 'shared/stores/*.ts'],
    packages: ['zod', 'node:crypto', 'node:stream', 'node:zlib'],
    lazyPackages: driver.packages,
  })),
  { room: 'shared/stores', folders: ['shared/ports', 'shared/domain'], packages: ['zod', 'node:crypto'] },
  {
    room: 'shared/policy-files',
    folders: ['shared/domain'],
    packages: ['yaml', 'zod', 'node:fs', 'node:fs/promises', 'node:path'],
  },
  {
    room: 'shared/runtime',
    folders: ['shared/domain'],
    // report.ts is the port's one adapter that needs no AWS client.
    folderTypes: ['shared/ports'],
    packages: ['zod', '@aws-lambda-powertools/*', 'node:*'],
    lazyPackages: ['aws-lambda'],
  },
  {
    room: 'shared/client',
    folders: ['shared/contract', 'shared/domain'],
    packages: ['zod', 'aws4fetch'],
  },

  // Only the handler binds ports to AWS; the file named after the verb takes ports and returns an outcome.
  {
    room: 'functions/*/handler.ts',
    folders: ['shared'],
    packages: ['zod', 'hono', 'hono/*', '@aws-lambda-powertools/*', '@aws-sdk/*', 'node:*'],
    lazyPackages: ['aws-lambda'],
  },
  {
    room: 'functions',
    folders: [
      'shared/domain',
      'shared/contract',
      'shared/ports',
      'shared/protocol',
      'shared/stores',
      'shared/policy-files',
      'shared/runtime',
    ],
    packages: ['zod', 'hono', 'hono/*', 'node:crypto'],
    lazyPackages: ['aws-lambda'],
  },

  {
    room: 'infra',
    folders: [
      'shared/policy-files',
      'shared/domain',
      'shared/stores',
      'shared/contract',
      'retention.config.ts',
      'examples/deployment/retention.config.ts',
    ],
    folderTypes: ['functions/*/config.ts', 'shared/runtime', 'shared/ports'],
    packages: ['aws-cdk-lib', 'aws-cdk-lib/*', 'cdk-nag', 'constructs', 'esbuild', 'zod', 'node:*'],
  },
  // Engines do not know what runs on them.
  {
    room: 'local/engines',
    folders: ['shared/ports', 'shared/domain', 'shared/adapters', 'shared/stores'],
    packages: ['*'],
  },
  // The loop of every deployment that runs in one process: it knows ports and functions, and no engine.
  {
    room: 'local/virtual',
    folders: [
      'functions',
      'local/event-bus.ts',
      'shared/adapters/memory',
      'shared/contract',
      'shared/domain',
      'shared/ports',
      'shared/protocol',
    ],
    packages: [],
  },
  // The log of the stories is checked by the code that checks any other.
  { room: 'local', folders: ['functions', 'shared', 'examples', 'cli/log-commands'], packages: ['*'] },
  {
    ...cli,
    room: 'cli/preflight',
    folders: ['cli/*.ts', ...cli.folders, 'shared/ports', 'shared/stores', 'shared/adapters'],
    // What is computed is the person's own retention.config.ts.
    packages: [...cli.packages, '@aws-sdk/*', 'aws4fetch', 'pg', '(computed)'],
  },
  { ...cli, room: 'cli/aws-credentials*', packages: [...cli.packages, '@aws-sdk/*'] },
  { ...cli, room: 'cli/aws-parameter*', folders: [...cli.folders, 'shared/adapters'] },
  { ...cli, room: 'cli' },
  { room: 'console', folders: ['shared/client', 'shared/contract', 'shared/domain'], packages: [] },
  // Not a part of this program: an app that has the package.
  { room: 'examples/deployment', folders: [], packages: ['aws-cdk-lib', 'tenure'] },
  { room: 'examples', folders: ['shared/contract', 'shared/domain'], packages: [] },
];
