import type { Audit } from './simulation-audit.ts';
import type { SentMessage } from './simulation-messages.ts';
import type { Run } from './simulation-run.ts';

/** What a run was made of. */
export interface Mix {
  readonly messages: Readonly<Record<SentMessage['kind'], number>>;
  /** How many attempts decided by each version of the policy that changes on the way. */
  readonly versions: Readonly<Record<string, number>>;
  readonly holds: number;
  readonly outages: number;
  readonly deaths: number;
}

export function mixOf({ sim, script, outages }: Run): Mix {
  const messages = { event: 0, correction: 0, retraction: 0, registration: 0, withdrawal: 0 };
  for (const { kind } of script.messages.values()) messages[kind] += 1;
  const versions: Record<string, number> = {};
  for (const result of sim.registry.allResults()) {
    for (const { policy, policyVersion = '' } of 'void' in result ? [] : result.entries)
      if (policy === 'calendera') versions[policyVersion] = (versions[policyVersion] ?? 0) + 1;
  }
  const deaths = sim.setbacks.filter(({ kind }) => kind !== 'lost').length;
  return { messages, versions, holds: sim.holds.length, outages: outages.length, deaths };
}

export function mixText({ messages, versions, holds, outages, deaths }: Mix, judged: Audit): string {
  const told = Object.entries(messages).map(([kind, count]) => `${count.toLocaleString('en')} ${kind}s`);
  const wrong = `${judged.early.length} early, ${judged.late.length} late, ${judged.lost.length} lost`;
  return [
    told.join(', '),
    `${Object.keys(versions).length} versions of a policy`,
    `${holds} holds and pauses`,
    `${outages} outages`,
    `${deaths.toLocaleString('en')} deaths`,
    `${judged.disposals.toLocaleString('en')} disposals: ${wrong}`,
  ].join(', ');
}
