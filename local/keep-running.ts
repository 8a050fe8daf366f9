import { demoKey } from './demo-keys.ts';
import type { System } from './system.ts';

/** How often what came over the API is worked on. */
const BEAT = 200;

/** Keeps the system going until the process ends: virtual time now passes as fast as real time. */
export function keepRunning(system: System, stream: NodeJS.WriteStream): void {
  const began = performance.now();
  const from = system.now();
  let busy = false;
  setInterval(() => {
    if (busy) return;
    busy = true;
    system.moveTo(from + Math.floor(performance.now() - began)).then(
      () => {
        busy = false;
      },
      (error: unknown) => {
        // The engines are ending with the process.
        busy = false;
        if (!(error instanceof Error)) throw error;
      },
    );
  }, BEAT);

  const operator = environment(system.apiUrl, 'operator');
  stream.write(
    [
      '',
      `The API answers until Ctrl-C, and its clock goes on from ${new Date(from).toISOString()}.`,
      'Paste into another terminal, in this folder:',
      '',
      `${operator} npx tenure overdue`,
      `${operator} npx tenure log list --from 2025-01-01 --to 2040-01-01 --outcome anonymised`,
      `${operator} npx tenure subject invoice 8002 --producer odoo-events`,
      '',
    ].join('\n'),
  );
}

function environment(url: string, who: string): string {
  const { accessKeyId, secretAccessKey } = demoKey(who);
  return `TENURE_URL=${url} AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}`;
}
