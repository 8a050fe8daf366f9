/**
 * Who may import whom, as data. A file may always import from its own room: `shared/<room>`, `functions/<verb>`, or
 * the top-level folder. Everything else has to be listed. The first row that matches a file decides, so the narrower
 * row comes first. `*` in a pattern stands for any letters; in `room` and `folders` it stays within one path segment.
 */
export interface Direction {
  readonly room: string;
  readonly folders: readonly string[];
  /** Only by `import type`. */
  readonly folderTypes?: readonly string[];
  /** npm packages and node: modules. */
  readonly packages: readonly string[];
  /** Only by `import type`, or by `import()` when it is used, so that a function loads only the client it needs. */
  readonly lazyPackages?: readonly string[];
}

const cli: Omit<Direction, 'room'> = {
  folders: ['shared/client', 'shared/contract', 'shared/domain', 'shared/policy-files'],
  packages: ['commander', '@commander-js/extra-typings', 'cli-table3', 'zod', 'node:*'],
};

export const directions: readonly Direction[] = [
  {
    room: 'shared/domain',
    folders: [],
    packages: ['zod', 'temporal-polyfill/implementation', 'canonicalize', 'node:crypto'],
  },
  { room: 'shared/contract', folders: ['shared/domain'], packages: ['zod'] },
  { room: 'shared/ports', folders: [], folderTypes: ['shared/domain'], packages: [] },
  { room: 'shared/protocol', folders: ['shared/ports', 'shared/domain'], packages: [] },
  {
    room: 'shared/adapters',
    folders: ['shared/ports', 'shared/domain'],
    packages: ['@aws-sdk/*', 'zod', 'node:crypto', 'node:timers/promises', 'node:util', 'node:zlib'],
  },
  {
    room: 'shared/stores/dynamo*',
    folders: ['shared/ports', 'shared/domain'],
    packages: ['zod', 'node:crypto'],
    lazyPackages: ['@aws-sdk/client-dynamodb', '@aws-sdk/lib-dynamodb', '@aws-sdk/util-dynamodb'],
  },
  {
    room: 'shared/stores/postgres*',
    folders: ['shared/ports', 'shared/domain'],
    packages: ['zod', 'node:crypto'],
    lazyPackages: ['pg'],
  },
  {
    room: 'shared/stores/s3*',
    folders: ['shared/ports', 'shared/domain'],
    packages: ['zod', 'node:crypto'],
    lazyPackages: ['@aws-sdk/client-s3'],
  },
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
    ],
    folderTypes: ['functions/*/config.ts', 'shared/runtime', 'shared/ports'],
    packages: ['aws-cdk-lib', 'aws-cdk-lib/*', 'cdk-nag', 'constructs', 'esbuild', 'zod', 'node:*'],
  },
  { room: 'local', folders: ['functions', 'shared', 'examples'], packages: ['*'] },
  {
    ...cli,
    room: 'cli/preflight*',
    folders: [...cli.folders, 'shared/ports', 'shared/stores', 'shared/adapters'],
    // What is computed is the person's own retention.config.ts.
    packages: [...cli.packages, '@aws-sdk/*', 'aws4fetch', 'pg', '(computed)'],
  },
  { ...cli, room: 'cli/aws-credentials*', packages: [...cli.packages, '@aws-sdk/*'] },
  { ...cli, room: 'cli' },
  { room: 'console', folders: ['shared/client', 'shared/contract', 'shared/domain'], packages: [] },
  // Not a part of this program: an app that has the package.
  { room: 'examples/deployment', folders: [], packages: ['aws-cdk-lib', 'tenure'] },
  { room: 'examples', folders: ['shared/contract', 'shared/domain'], packages: [] },
];
