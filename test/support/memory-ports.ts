import { bucketFiles } from '../../shared/adapters/bucket-files.ts';
import { memoryClock } from '../../shared/adapters/memory/memory-clock.ts';
import { memoryExports } from '../../shared/adapters/memory/memory-exports.ts';
import { memoryLogBucket } from '../../shared/adapters/memory/memory-log.ts';
import { memoryRegistry } from '../../shared/adapters/memory/memory-registry.ts';
import { memoryTimers } from '../../shared/adapters/memory/memory-timers.ts';
import { memoryTokens } from '../../shared/adapters/memory/memory-tokens.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { present } from '../../shared/domain/present.ts';
import { testSigner } from './log/test-signer.ts';

export type MemoryPorts = Readonly<ReturnType<typeof memoryPorts>>;

/** A deployment's registry, log bucket and wake-ups in memory, with a clock that starts at `start`. */
export function memoryPorts(configuration: Configuration, start: Instant, pageSize?: number) {
  const bucket = memoryLogBucket();
  return {
    configuration,
    clock: memoryClock(start),
    registry: memoryRegistry(present({ pageSize })),
    timers: memoryTimers(),
    tokens: memoryTokens(),
    bucket,
    log: bucketFiles(bucket),
    signer: testSigner(),
    exports: memoryExports(),
  };
}
