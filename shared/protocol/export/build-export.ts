import {
  type ArchiveContents,
  type ArchiveFile,
  type LeftOut,
  piecesOf,
} from '../../domain/export/archive-file.ts';
import type { ExportState } from '../../domain/export/export-state.ts';
import { closeRequest } from '../people/close-request.ts';
import { buildArchive, type Built } from './build-archive.ts';
import {
  type Advanced,
  beginAgain,
  type ExportCore,
  type Exporting,
  isAsItBegan,
  saved,
} from './export-core.ts';
import { pagesFrom, partsFrom } from './parts-from.ts';

const DAY = 86_400_000;

/** Puts the archive together from what the lanes have read. Then the request is closed. */
export async function buildExport(
  core: ExportCore,
  exporting: Exporting,
  goOn: () => boolean,
): Promise<Advanced> {
  const { request, state } = exporting;
  const contents = await contentsOf(core, exporting);
  if (typeof contents === 'string') return beginAgain(core, request, contents);
  const built = await buildArchive(core.exports, { exportId: state.id, contents, begun: state.upload }, goOn);
  switch (built.kind) {
    case 'more': {
      const { id, plan } = built.begun;
      if (id === state.upload?.id && plan === state.upload.plan) return { kind: 'more' };
      return saved(core, request, { ...state, upload: built.begun });
    }
    case 'pieces-gone':
      return beginAgain(core, request, 'PIECES_GONE');
    case 'built':
      return ready(core, exporting, built);
  }
}

/**
 * Everything that the parts name. The same parts always give the same contents. A code if one of them is lost, or names an
 * object that is not a piece of this export: a lane that was taken over could have another person's copy built in.
 */
async function contentsOf(
  core: ExportCore,
  { request, state }: Exporting,
): Promise<ArchiveContents | 'PARTS_GONE' | 'PIECE_ELSEWHERE'> {
  const files: ArchiveFile[] = [];
  const leftOut: LeftOut[] = [];
  for (const store of Object.keys(state.parts).toSorted()) {
    for await (const part of partsFrom(core, state, store)) {
      const pages = part && (await pagesFrom(core, part));
      if (part === undefined || pages === undefined) return 'PARTS_GONE';
      const own = piecesOf({ store, exportId: state.id });
      for (const each of [part, ...pages]) {
        if (each.files.some(({ key }) => !key.startsWith(own))) return 'PIECE_ELSEWHERE';
        for (const file of each.files) files.push({ ...file, store });
        for (const one of each.leftOut) leftOut.push({ ...one, store });
      }
    }
  }
  const { ref, entityType } = request;
  return { request: ref, entityType, asOf: state.startedAt, files, leftOut };
}

/**
 * The archive can be fetched from now on. Only where it is, and what it has, is kept. Building may have taken long: an
 * archive of an account that is somebody else's by now counts for nothing, and of a request that was called off no one
 * is told that it was closed.
 */
async function ready(
  core: ExportCore,
  exporting: Exporting,
  { bytes, manifestSha256, records, leftOut }: Extract<Built, { readonly kind: 'built' }>,
): Promise<Advanced> {
  const {
    request,
    state: { id, startedAt },
  } = exporting;
  if (!(await isAsItBegan(core, exporting))) return beginAgain(core, request, 'LINKS_CHANGED');
  const found = (await core.registry.requests([request.ref])).get(request.ref);
  if (found?.version !== request.version) return { kind: 'stop' };
  const at = core.clock.now();
  const until = at + core.configuration.requests.exportDays * DAY;
  const archive = { bytes, manifestSha256, records, leftOut, at, until };
  const state: ExportState = { id, step: 'ready', startedAt, reached: [], parts: {}, archive };
  await closeRequest(core, { ...request, export: state }, { records, leftOut });
  return { kind: 'stop' };
}
