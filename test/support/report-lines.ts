import { powertoolsReport } from '../../shared/runtime/report.ts';

/** Started as a separate process: Powertools writes to the process's streams. */
const report = powertoolsReport('ingest');
const marker = process.argv[2];
// As if a caller had bypassed the types.
const fields = { store: 'orders', outcome: 'deleted', count: 2, email: marker, producer: marker } as const;
report('dispose.settled', fields as object);
report('api.failed');
report('dispose.left', { store: 'orders', outcome: 'failed', code: 'STORE_DENIED', count: 3, seconds: 5 });
report('sweep.caught-up', { count: 1 });
