import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import './loopback-names.ts';
import { startEmulator } from './emulator.ts';

const folder = await mkdtemp(join(tmpdir(), 'tenure-e2e-'));
const emulator = await startEmulator(folder);
console.log(emulator.endpoint, performance.now());
await emulator.stop();
await rm(folder, { recursive: true, force: true });
