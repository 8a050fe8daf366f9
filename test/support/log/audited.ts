import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import type { LogFiles } from './generated-log.ts';
import { memorySource } from './memory-source.ts';
import { testKey } from './note-keys.ts';

/** What an audit says of these files, with the test's key: `right`, or the file and what is wrong. `since`: a kept note. */
export async function faultOf(files: LogFiles, since?: string): Promise<string> {
  const kept = since === undefined ? undefined : { file: 'kept', note: since };
  const result = await auditLog(memorySource(files), { keys: [testKey().key], since: kept });
  return result.ok ? 'right' : `${result.fault.file} ${result.fault.problem}`;
}
