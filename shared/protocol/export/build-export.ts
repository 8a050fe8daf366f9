import type { ArchiveContents, ArchiveFile, LeftOut } from '../../domain/export/archive-file.ts';
import type { ExportState } from '../../domain/export/export-state.ts';
import { closeRequest } from '../people/close-request.ts';
import { buildArchive, type Built } from './build-archive.ts';
import { type Advanced, beginExport, type ExportCore, type Exporting, saved } from './export-core.ts';
import { partsFrom } from './parts-from.ts';

const DAY = 86_400_000;

/** Puts the archive together from what the lanes have read. Then the request is closed. */
export async function buildExport(
  core: ExportCore,
  exporting: Exporting,
  goOn: () => boolean,
): Promise<Advanced> {
  const { request, state } = exporting;
  const contents = await contentsOf(core, exporting);
  const built = await buildArchive(core.exports, { exportId: state.id, contents, begun: state.upload }, goOn);
  switch (built.kind) {
    case 'more': {
      const { id, plan } = built.begun;
      if (id === state.upload?.id && plan === state.upload.plan) return { kind: 'more' };
      return saved(core, request, { ...state, upload: built.begun });
    }
    case 'pieces-gone':
      core.report('export.unread', { code: 'PIECES_GONE' });
      return beginExport(core, request);
    case 'built':
      return ready(core, exporting, built);
  }
}

/** Everything that the parts name. The same parts always give the same contents. */
async function contentsOf(core: ExportCore, { request, state }: Exporting): Promise<ArchiveContents> {
  const files: ArchiveFile[] = [];
  const leftOut: LeftOut[] = [];
  for (const store of Object.keys(state.parts).toSorted()) {
    for await (const part of partsFrom(core, state, store)) {
      files.push(...part.files.map((file) => ({ ...file, store })));
      leftOut.push(...part.leftOut.map((one) => ({ ...one, store })));
    }
  }
  const { ref, entityType } = request;
  return { request: ref, entityType, asOf: state.startedAt, files, leftOut };
}

/** The archive can be fetched from now on. Only where it is, and what it has, is kept. */
async function ready(
  core: ExportCore,
  { request, state: { id, startedAt } }: Exporting,
  { bytes, manifestSha256, records, leftOut }: Extract<Built, { readonly kind: 'built' }>,
): Promise<Advanced> {
  const at = core.clock.now();
  const until = at + core.configuration.requests.exportDays * DAY;
  const archive = { bytes, manifestSha256, records, leftOut, at, until };
  const state: ExportState = { id, step: 'ready', startedAt, reached: [], parts: {}, archive };
  await closeRequest(core, { ...request, export: state }, { records, leftOut });
  return { kind: 'stop' };
}
