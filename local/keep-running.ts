import type { Writable } from 'node:stream';
import { demoKey } from './demo-keys.ts';
import type { System } from './system.ts';

/** How often what came over the API is worked on. */
const BEAT = 200;

/** Keeps the system going until the process ends: virtual time now passes as fast as real time. */
export function keepRunning(system: System, stream: Writable, failed: (error: unknown) => void): void {
  const began = performance.now();
  const from = system.now();
  let busy = false;
  const beat = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    await system.runUntil(from + Math.floor(performance.now() - began));
    busy = false;
  };
  setInterval(() => void beat().catch(failed), BEAT);

  const { accessKeyId, secretAccessKey } = demoKey('operator');
  const who = `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`;
  stream.write(
    [
      '',
      `The API answers until Ctrl-C; its clock goes on from ${new Date(from).toISOString()}.`,
      'Paste this line into another terminal, in this folder:',
      '',
      `TENURE_URL=${system.apiUrl} ${who} npx tenure log list --from 2025-01-01 --to 2040-01-01`,
      '',
      'With the same three variables: npx tenure overdue, npx tenure lanes,',
      'npx tenure subject invoice 8002 --producer odoo-events',
      '',
    ].join('\n'),
  );
}
