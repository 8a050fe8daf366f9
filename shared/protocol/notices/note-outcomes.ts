import { present } from '../../domain/present.ts';
import { isSuccess } from '../../domain/record/actions.ts';
import type { Entry } from '../../domain/record/entry.ts';
import { handleOf, type Notice, type NoticeKind, noticeId, noticeOf } from '../../domain/record/notice.ts';
import type { AttemptResult, Chunk, ResultLine } from '../../domain/record/work.ts';
import type { Core } from '../core.ts';
import { READ_BACK_BROKEN } from '../lane/told.ts';
import { isTold } from './is-told.ts';

const DAY = 86_400_000;

type Told = Pick<AttemptResult, 'token' | 'entries'> & { readonly lines: readonly ResultLine[] };

interface Line {
  readonly kind: NoticeKind;
  readonly entry: Entry;
  readonly ref: ResultLine['ref'];
}

/**
 * Notes what applications are to be told of an attempt: after its result is durable and before it is settled, so an attempt
 * that dies in between has it noted by the one that takes over, under the same ids. What makes no entry is not told
 * either: a failure is told when its code is new, and once a day. Nothing is written where no policy wants to know.
 * `chunk`: as the attempt had it.
 */
export async function noteOutcomes(
  core: Pick<Core, 'registry' | 'configuration' | 'clock'>,
  chunk: Pick<Chunk, 'failure'>,
  { token, entries, lines }: Told,
): Promise<void> {
  const now = core.clock.now();
  const told = lines.flatMap((line): Line[] => {
    const { ref, entry: index } = line;
    const entry = index === undefined ? undefined : entries[index];
    const kind = entry && noticeOf(entry.outcome);
    if (entry === undefined || kind === undefined || wasToldToday(chunk, line)) return [];
    // Of a collection they are told once, when no more pages follow.
    if (line.more === true && isSuccess(line.outcome)) return [];
    return isTold(core.configuration, kind, { categories: entry.categories, now })
      ? [{ kind, entry, ref }]
      : [];
  });
  if (told.length === 0) return;
  const groups = Map.groupBy(told, ({ kind, entry }) => JSON.stringify([kind, common(entry)]));
  const notices = [...groups].flatMap(([name, same]): Notice[] => {
    const [first] = same;
    if (first === undefined) return [];
    const data = { ...common(first.entry), records: same.map(recordOf) };
    return [{ id: noticeId(first.kind, token, name), kind: first.kind, at: now, data }];
  });
  await core.registry.putNotices(notices);
}

/** A store that does not do what it says has an entry for each attempt, but applications are told like of other failures. */
function wasToldToday({ failure }: Pick<Chunk, 'failure'>, { code, at }: ResultLine): boolean {
  return (
    code === READ_BACK_BROKEN && failure !== undefined && failure.told.includes(code) && at < failure.at + DAY
  );
}

/** What the records of one notice have in common. Rules and dates are as the entry has them: nothing in it is personal. */
function common(entry: Entry): Readonly<Record<string, unknown>> {
  const { store, policy, policyVersion, categories, stage, part, outcome, answer } = entry;
  return {
    store,
    categories: categories.toSorted(),
    stage,
    ...present({ part }),
    outcome,
    ...(policy === '' ? {} : { policy, policyVersion }),
    ...present({ code: answer }),
  };
}

function recordOf({ entry, ref }: Line): Readonly<Record<string, unknown>> {
  const { generation, due, acted, readBack, until, unrecoverableAt } = entry;
  return {
    handle: handleOf(ref),
    generation,
    ...present({ due, at: readBack ?? acted, until, unrecoverableAt }),
  };
}
