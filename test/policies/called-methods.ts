import { build } from 'esbuild';
import type { Archive } from '../../shared/ports/archive.ts';
import type { Bus } from '../../shared/ports/bus.ts';
import type { ArchiveLinks, Exports } from '../../shared/ports/exports.ts';
import type { Keys } from '../../shared/ports/keys.ts';
import type { KeyRecord, LogBucket, LogFiles, OldObjects, Signer } from '../../shared/ports/log.ts';
import type { Queues } from '../../shared/ports/queues.ts';
import type { Timers } from '../../shared/ports/timers.ts';
import { ROOT } from '../support/house/synthesized.ts';
import { FUNCTIONS, type FunctionName } from './deployed.ts';

/** The ports that reach AWS, apart from the registry. */
export interface CloudPorts {
  readonly archive: Archive;
  readonly queues: Queues;
  readonly bus: Bus;
  readonly timers: Timers;
  readonly keys: Keys;
  readonly bucket: LogBucket;
  readonly old: OldObjects;
  readonly log: LogFiles;
  readonly signer: Omit<Signer, 'name'>;
  readonly keyRecord: KeyRecord;
  readonly exports: Exports & ArchiveLinks;
}

export type PortMethod = {
  [Port in keyof CloudPorts]: `${Port}.${keyof CloudPorts[Port] & string}`;
}[keyof CloudPorts];

/** Every method of these ports. The type makes a new method a mistake until it is here. */
const METHODS: Readonly<Record<PortMethod, true>> = {
  'archive.state': true,
  'queues.ring': true,
  'queues.toSweep': true,
  'queues.toIngest': true,
  'queues.toSeal': true,
  'queues.sendHeartbeat': true,
  'queues.retry': true,
  'queues.retryRefused': true,
  'queues.sendFacts': true,
  'queues.tellIngest': true,
  'queues.notify': true,
  'queues.hide': true,
  'queues.replay': true,
  'bus.publish': true,
  'timers.wake': true,
  'keys.registryKey': true,
  'keys.logKey': true,
  'keys.ensureLogKey': true,
  'keys.encryptForLog': true,
  'keys.decryptFromLog': true,
  'keys.pseudonymKey': true,
  'keys.encrypt': true,
  'keys.decrypt': true,
  'bucket.putIfAbsent': true,
  'bucket.get': true,
  'bucket.checkpoint': true,
  'bucket.putCheckpoint': true,
  'old.writtenAt': true,
  'old.firstKeys': true,
  'old.drop': true,
  'old.minimumIndex': true,
  'old.putMinimumIndex': true,
  'log.read': true,
  'signer.publicKey': true,
  'signer.sign': true,
  'keyRecord.read': true,
  'keyRecord.write': true,
  'exports.putPiece': true,
  'exports.readPiece': true,
  'exports.begin': true,
  'exports.uploaded': true,
  'exports.putPart': true,
  'exports.copyPart': true,
  'exports.complete': true,
  'exports.archive': true,
  'exports.link': true,
};
export const PORT_METHODS = Object.keys(METHODS) as readonly PortMethod[];

/** Which of them each function calls, read from its code as it is bundled. */
export async function calledMethods(): Promise<ReadonlyMap<FunctionName, readonly PortMethod[]>> {
  return new Map(await Promise.all(FUNCTIONS.map(async (name) => [name, await methodsIn(name)] as const)));
}

async function methodsIn(name: FunctionName): Promise<readonly PortMethod[]> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`functions/${name}/handler.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  });
  const code = outputFiles.map(({ text }) => text).join('\n');
  return PORT_METHODS.filter((method) => code.includes(`${method}(`));
}
