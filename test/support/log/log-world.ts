import { memoryClock } from '../../../shared/adapters/memory/memory-clock.ts';
import { memoryLogBucket } from '../../../shared/adapters/memory/memory-log.ts';
import { memoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import { memoryReport } from '../../../shared/adapters/memory/memory-report.ts';
import type { NoteEntry } from '../../../shared/domain/record/entry.ts';
import { actionToken } from '../../../shared/domain/record/work.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { bundleBytes, bundleKey } from '../../../shared/protocol/log/bundle.ts';
import type { WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import { DEFAULT_TIMING } from '../../../shared/domain/configuration/configuration.ts';
import { testSigner } from './test-signer.ts';

const HOUR = '2026-03-01T10';

export type LogWorld = ReturnType<typeof logWorld>;

/**
 * What the log's two stages work on, in memory. Results are pauses of a lane: the smallest that can be sealed. `first`: what
 * the first of them is named by.
 */
export function logWorld(first = 1, lock = 0) {
  const clock = memoryClock(Date.parse(`${HOUR}:00:00Z`));
  const registry = memoryRegistry({});
  const bucket = memoryLogBucket(() => clock.now(), lock);
  const signer = testSigner();
  const reports = memoryReport();
  // `seal` reads only its timing.
  const configuration = { timing: DEFAULT_TIMING } as Configuration;
  const core: WriteLogCore = { clock, registry, bucket, signer, configuration, report: reports.report };
  let results = first - 1;

  return {
    core,
    clock,
    registry,
    bucket,
    signer,
    reports,
    /** A result of so many lines waits for `seal`. */
    async result(lines: number): Promise<void> {
      results += 1;
      const token = actionToken(HOUR, String(results).padStart(6, '0'));
      await registry.putToBeSealed({ token, putAt: clock.now(), until: clock.now() });
      await registry.putActions({
        token,
        store: '',
        entries: [],
        lines: [],
        actions: notes(token, lines),
      });
    },
    /** As a release without a tree left it: the journal alone. */
    async journal(...batches: readonly number[]): Promise<void> {
      let { size, version } = await registry.head();
      for (const lines of batches) {
        await bucket.putIfAbsent(bundleKey(size), bundleBytes(notes(`${HOUR}.old-${size}`, lines)));
        size += lines;
        version += 1;
        await registry.putHead({ version, size, batch: [], published: true });
      }
    },
  };
}

function notes(token: string, lines: number): NoteEntry[] {
  return Array.from({ length: lines }, (_none, line) => ({
    v: 2,
    token,
    did: 'pause',
    at: '2026-03-01T10:00:00.000Z',
    software: `line ${line}`,
  }));
}
