import { entriesOf } from '../../../shared/domain/plan/chunk-lines.ts';
import type { EntityState, Fact } from '../../../shared/domain/facts/facts.ts';
import { isoUtc, minuteId } from '../../../shared/domain/calendar/utc-time.ts';
import type { Holding } from '../../../shared/domain/record/holding.ts';
import type { LogHead } from '../../../shared/ports/log.ts';

/** A port call in a few words, for traces: what was asked and what came back. */
export function describeCalls(names: ReadonlyMap<string, string>) {
  return (method: string, args: readonly unknown[], result: unknown): string => {
    const answer = short(result, names);
    return `${method}(${args.map((arg) => short(arg, names)).join(', ')})${answer === '' ? '' : ` -> ${answer}`}`;
  };
}

function short(value: unknown, names: ReadonlyMap<string, string>): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return names.get(value) ?? value;
  if (typeof value === 'number') return value > 1e11 ? minuteId(value).slice(5) : String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Map)
    return [...(value.values() as Iterable<unknown>)].map((one) => short(one, names)).join();
  if (value instanceof Uint8Array)
    return value.length === 0
      ? 'void'
      : entriesOf(value)
          .map(({ outcome }) => outcome)
          .join();
  if (Array.isArray(value)) return `[${value.map((one: unknown) => short(one, names)).join()}]`;
  if ('registrations' in value) return holding(value as Holding);
  if ('occurrences' in value) return state(value as EntityState);
  if ('bodyHash' in value) return fact(value as Fact);
  if ('published' in value) return head(value as LogHead);
  const parts = Object.entries(value).map(([name, one]) => `${name} ${short(one, names)}`);
  return parts.join(' ').slice(0, 160);
}

function holding({ version, generation, state: now, decision, hintAt, claim }: Holding): string {
  const due =
    decision === undefined
      ? 'unplanned'
      : time(decision.actAt) === ''
        ? decision.status
        : `due ${time(decision.actAt)}`;
  const hint = hintAt === undefined ? '' : ` hinted ${time(hintAt)}`;
  const by = claim === undefined ? '' : ` by ${claim.token} #${claim.attempt}`;
  return `v${version} g${generation} ${now} ${due}${hint}${by}`;
}

function state({ version, occurrences, dangling, holds }: EntityState): string {
  const known = Object.entries(occurrences).flatMap(([type, list]) =>
    list.map((one) => `${type} ${one.occurred}`),
  );
  const waiting =
    dangling.length === 0 ? '' : ` dangling ${dangling === 'too-many' ? dangling : dangling.length}`;
  return `v${version} {${known.join(', ')}${waiting}${holds.length === 0 ? '' : ` held ${holds.join()}`}}`;
}

function fact({ kind, type, occurred }: Fact): string {
  return `${kind} ${type} ${occurred ?? ''}`.trim();
}

function head({ version, size, batch, published }: LogHead): string {
  return `v${version} size ${size} batch ${batch.map(({ chunk }) => chunk).join()}${published ? '' : ' unpublished'}`;
}

function time(instant: number | undefined): string {
  return instant === undefined ? '' : isoUtc(instant).slice(5, 16);
}
