import { isExporting } from '../../domain/people/request.ts';
import type { SweepMessage } from '../../ports/queues.ts';
import { buildExport } from './build-export.ts';
import { type Advanced, beginExport, type ExportCore, type Exporting } from './export-core.ts';
import { listRecords } from './list-records.ts';
import { watchParts } from './watch-parts.ts';

/** The lanes have read something by then. */
const WATCH_SECONDS = 30;
/** A chain of messages ends after an hour: the hourly sweep begins another one for every export that is not ready. */
const WATCH_FOR = 3_600_000;

/**
 * Takes the export of a request further: lists the person's records, has the lanes read them, and builds the archive. Every
 * step is saved on the request's version, so of two runs one stops. A run that dies leaves everything to the next message.
 * A request that was closed, refused or cancelled goes no further.
 */
export async function advanceExport(
  core: ExportCore,
  message: Extract<SweepMessage, { readonly kind: 'export' }>,
  goOn: () => boolean,
): Promise<void> {
  const request = (await core.registry.requests([message.request])).get(message.request);
  if (request === undefined || !isExporting(request)) return;
  let result: Advanced =
    request.export === undefined
      ? await beginExport(core, request)
      : { kind: 'on', exporting: { request, state: request.export } };
  while (result.kind === 'on')
    result = goOn() ? await advanced(core, result.exporting, goOn) : { kind: 'more' };
  const now = core.clock.now();
  const { until = now + WATCH_FOR } = message;
  switch (result.kind) {
    case 'more':
      await core.queues.toSweep([{ ...message, until }]);
      return;
    case 'wait':
      if (now < until) await core.queues.toSweep([{ ...message, until }], WATCH_SECONDS);
      return;
    case 'stop':
      return;
  }
}

async function advanced(core: ExportCore, exporting: Exporting, goOn: () => boolean): Promise<Advanced> {
  switch (exporting.state.step) {
    case 'listing':
      return listRecords(core, exporting, goOn);
    case 'reading':
      return watchParts(core, exporting);
    case 'building':
      return buildExport(core, exporting, goOn);
    case 'ready':
      return { kind: 'stop' };
  }
}
