import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalDynamoDB, startDynamoDB } from './dynamodb.ts';
import { type LocalPostgres, startPostgres } from './postgres.ts';
import { type LocalS3, startS3 } from './s3.ts';
import { type LocalQueueEngine, startQueueEngine } from './queue-engine.ts';
import { type LocalVendors, startVendors } from './vendors.ts';

export interface Engines {
  readonly dynamodb: LocalDynamoDB;
  readonly queues: LocalQueueEngine;
  readonly postgres: LocalPostgres;
  readonly s3: LocalS3;
  readonly vendors: LocalVendors;
  /** Where the deletion log's objects lie. */
  readonly logFolder: string;
  /** From now on the folder of the log stays when everything else is removed. */
  keepLog(): void;
  /** Where the key that signs it lies: it is not part of the log. */
  readonly keyFolder: string;
}

/**
 * Starts every embedded engine at once. Each goes onto `cleanup` before it has come up, so that a stop in the
 * middle of the start waits for what is under way and ends it, and leaves no process and no file.
 */
export async function startEngines(cleanup: AsyncDisposableStack): Promise<Engines> {
  let keepsLog = false;
  const [dynamodb, queues, postgres, s3, vendors, logFolder, keyFolder] = await Promise.all([
    owned(cleanup, startDynamoDB(), (engine) => engine.stop()),
    owned(cleanup, startQueueEngine(), (engine) => engine.stop()),
    owned(cleanup, startPostgres(), (engine) => engine.stop()),
    owned(cleanup, startS3(), (engine) => engine.stop()),
    owned(cleanup, startVendors(), (engine) => engine.stop()),
    ownFolder(cleanup, 'tenure-log-', () => keepsLog),
    ownFolder(cleanup, 'tenure-key-'),
  ]);
  const keepLog = (): void => {
    keepsLog = true;
  };
  return { dynamodb, queues, postgres, s3, vendors, logFolder, keepLog, keyFolder };
}

function ownFolder(
  cleanup: AsyncDisposableStack,
  prefix: string,
  stays = (): boolean => false,
): Promise<string> {
  return owned(cleanup, mkdtemp(join(tmpdir(), prefix)), async (folder) => {
    if (!stays()) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
}

function owned<Resource>(
  cleanup: AsyncDisposableStack,
  starting: Promise<Resource>,
  stop: (resource: Resource) => Promise<void>,
): Promise<Resource> {
  cleanup.defer(async () => {
    const started = await starting.then(
      (resource) => [resource],
      // The caller that awaits the start gets the error.
      () => [],
    );
    for (const resource of started) await stop(resource);
  });
  return starting;
}
