import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import {
  type ArchiveFault,
  type Verified,
  verifyArchive,
} from '../../shared/domain/export/verify-archive.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import type { CliContext } from '../cli-context.ts';
import { type Program, wantsJson } from '../program.ts';
import { UsageError } from '../usage-error.ts';
import { fetchArchive } from './fetch-archive.ts';
import { refuseExisting, saveChecked } from './save-checked.ts';

type Commands = ReturnType<Program['command']>;

/** `request download` and `request verify`: a person's copy, fetched and checked. */
export function addArchiveCommands(program: Program, context: CliContext, request: Commands): void {
  request
    .command('download')
    .argument('<request>', 'the name of a request for a copy')
    .requiredOption('--into <file>', 'the file to write, such as copy.tar')
    .option('--force', 'replace the file if it is there')
    .description('fetch the copy of a person and check every file in it; exit code 1 if one is not right')
    .action(async (name, { into, force }) => {
      const target = { path: into, force: force === true };
      await refuseExisting(target);
      const { requests, link } = await context.client().queryRequests({ request: name, link: true });
      const manifestSha256 = requests[0]?.export?.manifestSha256;
      if (link === undefined || manifestSha256 === undefined)
        throw new UsageError('The API is older than this command and has no copies: update it.');
      const found = await saveChecked(
        target,
        fetchArchive(link.url),
        (bytes) => verifyArchive(bytes, { manifestSha256 }),
        ({ kind }) => kind === 'whole',
      );
      show(program, context, into, found);
      if (found.kind === 'broken') context.say(`${into} was not written. Run the command again.`);
    });
  request
    .command('verify')
    .argument('<file>', 'a copy that was fetched')
    .option(
      '--manifest <sha256>',
      'the `manifestSha256` of the request: it has to be this copy, not another one',
    )
    .description('check every file in a copy, without a network; exit code 1 if one is not right')
    .action(async (file, { manifest }) => {
      await refuseNoFile(file);
      const found = await verifyArchive(bytesOf(file), { manifestSha256: manifest?.toLowerCase() });
      show(program, context, file, found);
    });
}

/** A pipe would wait for a writer for ever. */
async function refuseNoFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new UsageError(`${path} could not be read: check the path and your permission.`);
  if (!found.isFile()) throw new UsageError(`${path} is not a file: pass the path of a file.`);
}

async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Uint8Array;
  } catch (error) {
    throw new UsageError(`${path} could not be read (${codeOf(error)}): check the file and your permission.`);
  }
}

const SAYS: Readonly<Record<ArchiveFault, string>> = {
  'not-an-export': 'it is not a copy that Tenure has made',
  'manifest-invalid': 'its manifest is damaged, or of a version that this command does not know',
  'another-export': 'it is another copy than the one of this request',
  'file-missing': 'a file is not where the manifest has it',
  'file-changed': 'a file is not as it was when the copy was made',
  'cut-off': 'it ends too early: a part of it is missing',
  'more-than-its-files': 'there is more in it than its manifest says',
};

function show(program: Program, context: CliContext, path: string, found: Verified): void {
  if (found.kind === 'broken') {
    context.found();
    if (wantsJson(program)) return context.json({ file: path, ...found });
    return context.say(
      `${path}: ${SAYS[found.fault]}${found.path === undefined ? '' : ` (${found.path})`}. Do not use it.`,
    );
  }
  const { manifest, manifestSha256 } = found;
  const { files, leftOut, request, asOf, entityType } = manifest;
  const records = files.reduce((sum, file) => sum + file.records, 0);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const counts = { files: files.length, records, bytes };
  if (wantsJson(program))
    return context.json({
      file: path,
      kind: 'whole',
      request,
      entityType,
      asOf,
      manifestSha256,
      ...counts,
      leftOut,
    });
  context.print(`${path}: every file is right`);
  context.print(`  ${files.length} files with ${records} records and ${bytes} bytes, as of ${asOf}`);
  context.print(`  request ${request}, manifest ${manifestSha256}`);
  if (leftOut.length === 0) return;
  context.print(context.warn('  left out of it:'));
  context.table(
    ['store', 'categories', 'reason', 'records'],
    leftOut.map((one) => [one.store, one.categories.join(', '), one.reason, String(one.records)]),
  );
}
