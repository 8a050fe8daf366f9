import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { JudgedRequest } from './cases.ts';
import type { Document } from './policies.ts';

const FOLDER = new URL('../../.ci/policies/', import.meta.url);

export interface Job {
  readonly policies: Readonly<Record<string, Document>>;
  readonly requests: readonly JudgedRequest[];
  /** Other documents in place of some, and the requests that are judged again with them. */
  readonly variants: readonly {
    readonly documents: Readonly<Record<string, Document>>;
    readonly of: readonly number[];
  }[];
}

export interface Judgement {
  readonly answers: readonly ({ readonly allowed: boolean } | { readonly problem: string })[];
  /** For each variant the first request whose answer changed. */
  readonly turned: readonly (number | null)[];
}

const ENCRYPTION_CONTEXT = 'kms:EncryptionContext:';
const STAND_IN = 'aws:PrincipalTag/encryption-context-';

/**
 * Runs the program that judges. The simulator ignores keys of an encryption context, because it has no list of them. So
 * they get another name in policies and requests alike: one of a family of texts, as they are.
 */
export async function judge(job: Job): Promise<Judgement> {
  if (!existsSync(new URL('node_modules/', FOLDER)))
    throw new Error('The simulator is not installed: run `npm ci --prefix .ci/policies`.');
  const child = spawn(process.execPath, [fileURLToPath(new URL('simulate.mjs', FOLDER))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  child.stdin.end(JSON.stringify(job).replaceAll(ENCRYPTION_CONTEXT, STAND_IN));
  const [answer, code] = await Promise.all([text(child.stdout), exit]);
  if (code !== 0) throw new Error(`The simulator ended with ${code}: see above.`);
  return JSON.parse(answer) as Judgement;
}
