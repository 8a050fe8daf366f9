import * as z from 'zod';
import { parseWitnessVkey, type WitnessKey } from '../../domain/log/cosignature.ts';
import type { Witness, WitnessAnswer } from '../../ports/log.ts';

const MILLISECONDS = 5000;
/** Lines of a few signatures. The largest kind that there is has 3,300 characters. */
const MOST_BYTES = 65_536;

/** Where a witness is, and who it is. */
export interface WitnessPlace {
  readonly name: string;
  /** Without `add-checkpoint`. */
  readonly url: string;
  readonly key: WitnessKey;
  /** For an answer, all of it included. */
  readonly milliseconds?: number;
}

/**
 * A witness over HTTPS. It may be anybody's server: it is sent nothing but what will be public, gets no redirect, little
 * time and little space, and what it answers is not logged. Plain HTTP is for a witness on this very machine.
 */
export function httpsWitness({ name, url, key, milliseconds = MILLISECONDS }: WitnessPlace): Witness {
  const address = new URL(`${url.replace(/\/$/, '')}/add-checkpoint`);
  if (address.protocol !== 'https:' && !isLoopback(address))
    throw new TypeError('the URL of a witness begins with https://');
  return {
    name,
    key,
    async addCheckpoint(body): Promise<WitnessAnswer> {
      const signal = AbortSignal.timeout(milliseconds);
      try {
        const answer = await fetch(address, {
          method: 'POST',
          headers: { 'accept-encoding': 'identity', 'content-type': 'text/plain; charset=utf-8' },
          body,
          redirect: 'manual',
          signal,
        });
        const text = await textOf(answer);
        return text === undefined ? { status: 'none' } : { status: answer.status, text };
      } catch {
        // No answer, in time or at all. Its message may quote what the witness has sent.
        return { status: 'none' };
      }
    },
  };
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

/** Nothing if it is too long: the rest is not read. */
async function textOf({ body }: Response): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body ?? []) {
    size += part.length;
    if (size > MOST_BYTES) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** As infra writes it into the variable of the function. */
const Setting = z.object({
  needed: z.int(),
  ifMissing: z.enum(['wait', 'goOn']),
  witnesses: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      key: z.string().transform((text, context) => {
        const key = parseWitnessVkey(text);
        if (key === undefined) context.addIssue('not the key of a witness');
        return key ?? z.NEVER;
      }),
    }),
  ),
});

/** The witnesses in the variable; nothing where it is `none`. Throws a `ZodError` or `SyntaxError` for any other text. */
export function witnessesIn(text: string):
  | {
      readonly all: readonly Witness[];
      readonly needed: number;
      readonly ifMissing: 'wait' | 'goOn';
    }
  | undefined {
  if (text === 'none') return undefined;
  const { witnesses, ...rest } = Setting.parse(JSON.parse(text));
  return { ...rest, all: witnesses.map((one) => httpsWitness(one)) };
}
