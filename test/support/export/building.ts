import type { ArchiveContents, BegunUpload } from '../../../shared/domain/export/archive-file.ts';
import type { Exports } from '../../../shared/ports/exports.ts';
import { type Built, buildArchive } from '../../../shared/protocol/export/build-archive.ts';
import { EXPORT_ID } from './archive-samples.ts';

/** Called instead of each of a port's methods; `make` does what was asked for. */
export type OnCall = (call: {
  readonly number: number;
  readonly name: keyof Exports;
  readonly make: () => Promise<unknown>;
}) => Promise<unknown>;

/** The port with every call going through `onCall`, numbered from 1. */
export function intercepted(exports: Exports, onCall: OnCall): Exports {
  let number = 0;
  const of = <Name extends keyof Exports>(name: Name): Exports[Name] => {
    const method = exports[name] as (...all: unknown[]) => Promise<unknown>;
    const replaced = (...all: unknown[]): Promise<unknown> => {
      number += 1;
      return onCall({ number, name, make: () => method(...all) });
    };
    return replaced as Exports[Name];
  };
  return {
    putPiece: of('putPiece'),
    readPiece: of('readPiece'),
    begin: of('begin'),
    uploaded: of('uploaded'),
    putPart: of('putPart'),
    copyPart: of('copyPart'),
    complete: of('complete'),
    archive: of('archive'),
  };
}

export class Killed extends Error {}

/** The process dies before its call `number` takes effect, or before it hears that it has. */
export function killedAt(exports: Exports, number: number, when: 'before' | 'after'): Exports {
  let isDead = false;
  return intercepted(exports, async (call) => {
    if (isDead) throw new Killed();
    if (call.number !== number) return call.make();
    isDead = true;
    if (when === 'after') await call.make();
    throw new Killed();
  });
}

/** What is kept of a build between its runs. */
export interface Saved {
  begun?: BegunUpload;
}

/** Runs until the archive is built, or pieces are gone, and saves what each run returns. */
export async function buildAll(
  exports: Exports,
  contents: ArchiveContents,
  saved: Saved = {},
  goOn: () => boolean = () => true,
): Promise<Exclude<Built, { kind: 'more' }>> {
  for (let runs = 1; runs <= 50; runs += 1) {
    const built = await buildArchive(exports, { exportId: EXPORT_ID, contents, begun: saved.begun }, goOn);
    if (built.kind !== 'more') return built;
    saved.begun = built.begun;
  }
  throw new Error('not built after 50 runs');
}
