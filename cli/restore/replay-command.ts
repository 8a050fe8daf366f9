import { randomUUID } from 'node:crypto';
import type { RestoreReplayAnswer } from '../../shared/contract/restore-replays.ts';
import { Time } from '../../shared/contract/fields.ts';
import type { CliContext } from '../cli-context.ts';
import { sayProposed } from '../four-eyes/show-proposal.ts';
import { type Program, wantsJson } from '../program.ts';
import { UsageError } from '../usage-error.ts';
import { isIncomplete, showReplay } from './show-replay.ts';

/** Between two looks at a replay that is under way. */
const LOOK_MILLISECONDS = 5000;

/** `restore replay`: what of a store that was restored from a backup is there again, although it was disposed of. */
export function addRestoreCommands(program: Program, context: CliContext): void {
  program
    .command('restore')
    .description('after a store was restored from a backup')
    .command('replay')
    .option('--store <name>', 'the store that was restored')
    .option('--since <time>', 'when the backup was made, as 2026-03-01T10:00:00Z')
    .option('--do', 'dispose of what is there again; without it, nothing is changed')
    .option('--id <replay>', 'show a replay that was begun before, instead of --store and --since')
    .description(
      'find what of a restored store is there again that was disposed of since the backup; exit code 0 if nothing, 2 if something would be disposed of, 1 if not all could be looked at, or after an error',
    )
    .action(async ({ store, since, do: does = false, id }) => {
      const begun = id ?? (await begin(program, context, { store, since, does }));
      if (begun === undefined) return;
      const replay = await finished(context, begun);
      if (isIncomplete(replay)) context.found();
      if (!replay.do && replay.totals.there > 0) context.changed();
      if (wantsJson(program)) return context.json(replay);
      showReplay(context, replay);
    });
}

interface Asked {
  readonly store: string | undefined;
  readonly since: string | undefined;
  readonly does: boolean;
}

/** Nothing if another person has to confirm it. */
async function begin(
  program: Program,
  context: CliContext,
  { store, since, does }: Asked,
): Promise<string | undefined> {
  if (store === undefined || since === undefined)
    throw new UsageError('Pass --store and --since, or a replay with --id.');
  if (!Time.safeParse(since).success)
    throw new UsageError('Write --since as a time with an offset, such as 2026-03-01T10:00:00Z.');
  const answer = await context.client().replayRestore({ store, since, token: randomUUID(), do: does });
  if ('proposed' in answer) {
    context.found();
    if (wantsJson(program)) context.json(answer);
    else sayProposed(context, answer.proposed);
    return undefined;
  }
  const { id } = answer;
  context.say(
    `Replay ${id}. It goes on if you stop this command: \`tenure restore replay --id ${id}\` shows it.`,
  );
  return id;
}

/** What is left of a walker that died is taken up when the replay is looked at. */
async function finished(context: CliContext, id: string): Promise<RestoreReplayAnswer> {
  const client = context.client();
  let told = '';
  for (;;) {
    const replay = await client.queryRestoreReplay({ id });
    if (replay.state === 'done') return replay;
    const { examined, totals } = replay;
    const text =
      replay.state === 'asking'
        ? `${examined} holdings read so far.`
        : `The lane of ${replay.store} asks the store. At the latest count, ${totals.waiting} records were still to be looked for. \`tenure lanes\` says whether the lane is running.`;
    if (text !== told) context.say(text);
    told = text;
    await context.sleep(LOOK_MILLISECONDS);
  }
}
