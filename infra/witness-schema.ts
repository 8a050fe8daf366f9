import * as z from 'zod';
import { list, matching, strict, wrong } from '../shared/domain/configuration/authored-schema.ts';
import { parseWitnessVkey } from '../shared/domain/log/cosignature.ts';

/** More cosignatures would make receipts larger than 4 kB, and the variable of the function too long. */
const MOST = 5;
const LONGEST_KEY = 160;

const Server = strict('a witness', {
  /** For the logs of Tenure; the name in its cosignatures is a part of its key. */
  name: matching(/^[a-z][a-z0-9-]{0,29}$/, 'write a name of at most 30 characters of a-z, 0-9 and -'),
  /** Without `add-checkpoint`. */
  url: z
    .url({
      protocol: /^https$/,
      error: wrong('write the https URL of the witness, without `add-checkpoint`'),
    })
    .max(150, { error: 'too long; the URL of a witness has at most 150 characters' })
    .refine((url) => !/[?#@]|\/add-checkpoint\/?$/.test(url), {
      error: 'write the URL without `add-checkpoint`, without a user, and without ? and #',
    }),
  key: z
    .string({ error: wrong('write the verifier key of the witness') })
    .refine((text) => text.length <= LONGEST_KEY && parseWitnessVkey(text) !== undefined, {
      error:
        'write the C2SP verifier key of an Ed25519 cosigner, such as `witness.example/w1+1a2b3c4d+BA…`, as the witness publishes it',
    }),
});

/** Servers of others that cosign the checkpoints of the log. */
export const WitnessSettings = strict('the witnesses', {
  servers: list(Server, 'list the witnesses')
    .max(MOST, { error: `too many; a log has at most ${MOST} witnesses` })
    .refine((servers) => areDifferent(servers), {
      error: 'write each name, URL and key once: a witness that is there twice is one witness',
    }),
  /** How many of them have to cosign a checkpoint. */
  needed: z.int({ error: wrong('write how many of the witnesses have to cosign') }).min(1, {
    error: 'write how many of the witnesses have to cosign, at least 1',
  }),
  /** `wait`: the published checkpoint stays until enough have cosigned the next one. `goOn`: it is published without. */
  ifMissing: z.enum(['wait', 'goOn'], { error: wrong('write `wait` or `goOn`') }),
}).refine(({ servers, needed }) => needed <= servers.length, {
  path: ['needed'],
  error: 'more than there are witnesses; write how many of them have to cosign',
});
export type WitnessSettings = z.infer<typeof WitnessSettings>;

/** As the variable of the function has them: see `witnessesIn`. */
export function witnessVariable(settings: WitnessSettings | undefined): string {
  if (settings === undefined) return 'none';
  const { servers: witnesses, needed, ifMissing } = settings;
  return JSON.stringify({ needed, ifMissing, witnesses });
}

function areDifferent(servers: readonly z.infer<typeof Server>[]): boolean {
  const all = [
    servers.map(({ name }) => name),
    servers.map(({ url }) => url.replace(/\/$/, '')),
    servers.map(({ key }) => Buffer.from(parseWitnessVkey(key)?.publicKey ?? []).toString('hex')),
  ];
  return all.every((values) => new Set(values).size === servers.length);
}
