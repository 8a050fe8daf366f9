import { hash } from 'node:crypto';
import { dataPath, pieceKey } from '../../domain/export/archive-file.ts';
import type { ExportPart, PartFile } from '../../domain/export/export-part.ts';
import type { LaneCore } from '../core.ts';
import type { RecordLine } from './read-wanted.ts';
import type { Reading } from './reading.ts';

/** A data file gets no more records once it has this number of bytes. */
const FULL_BYTES = 4 * 1024 * 1024;

/** Records as JSON, in files of a few megabytes: each is written when it is full. `before`: how many the part has already. */
export function dataFiles(
  core: Pick<LaneCore, 'exports'>,
  { state, attempt }: Reading,
  { store, number }: Pick<ExportPart, 'store' | 'number'>,
  before: number,
) {
  let open: RecordLine[] = [];
  let bytes = 0;
  let written = before;

  async function end(): Promise<readonly PartFile[]> {
    if (open.length === 0) return [];
    written += 1;
    const content = Buffer.from(`[\n${open.map(({ text }) => text).join(',\n')}\n]\n`);
    const records = open.filter(({ isFile }) => !isFile).length;
    [open, bytes] = [[], 0];
    const key = pieceKey({ store, exportId: state.id, attempt, name: `data-${written}` });
    await core.exports.putPiece(key, content);
    const path = dataPath(store, number, written);
    return [{ path, key, bytes: content.length, sha256: hash('sha256', content), records }];
  }

  return {
    end,
    async add(line: RecordLine): Promise<readonly PartFile[]> {
      open.push(line);
      bytes += Buffer.byteLength(line.text);
      return bytes < FULL_BYTES ? [] : end();
    },
    written: () => written,
  };
}
