import { readFile, stat } from 'node:fs/promises';
import { parseJson } from '../shared/contract/parse.ts';
import { UsageError } from './usage-error.ts';

/** No file of policies, rules or a list of items is larger. */
const MOST_BYTES = 268_435_456;

/** The text of a file that the user named. */
export async function textOf(path: string): Promise<string> {
  return textIn(path, await bytesOf(path));
}

/** `name`: of what the bytes are. */
export function textIn(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${name} is not UTF-8 text: check that it is the right file.`);
  }
}

/** Node's own message would quote the text. */
export function jsonIn(name: string, text: string): unknown {
  const json = parseJson(text);
  if (json.ok) return json.value;
  const { code, path, message } = json;
  if (code === 'BODY_INVALID') throw new UsageError(notJson(name, text));
  throw new UsageError(`${name}${path === '' ? '' : ` at ${path}`}: ${message}`);
}

/** Node's message has the place where a comma or a quotation mark is missing. Only the numbers in it are passed on. */
function notJson(name: string, text: string): string {
  if (text.trim() === '') return `${name} is empty: write JSON into it.`;
  const place = /\(line (\d+) column (\d+)\)$/.exec(messageOf(text));
  const at = place === null ? '' : `:${place[1]}:${place[2]}`;
  return `${name}${at} is not valid JSON: correct it.`;
}

function messageOf(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

/** A pipe is not opened: it would wait for a writer for ever. */
async function bytesOf(path: string): Promise<Uint8Array> {
  const problem = await read(path).catch(() => 'could not be read: check the path and your permission');
  if (typeof problem !== 'string') return problem;
  throw new UsageError(`${path} ${problem}.`);
}

async function read(path: string): Promise<Uint8Array | string> {
  const found = await stat(path);
  if (!found.isFile()) return 'is not a file: pass the path of a file';
  if (found.size > MOST_BYTES) return 'has more than 256 MB: split it';
  return readFile(path);
}
