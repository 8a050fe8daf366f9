import {
  DescribeArchiveCommand,
  DescribeReplayCommand,
  ListArchivesCommand,
  ListRulesCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { API_SOURCE } from '../../shared/contract/bus.ts';
import { SWEEP_SOURCE } from '../../shared/contract/heartbeat.ts';
import { FIRST } from './consumer.ts';
import { logLength } from './dispose-steps.ts';
import { patiently, type Player, SOURCES } from './players.ts';
import { DAY, ended, query, recordsOf } from './records.ts';
import { given, type Run, stateOf, type Step } from './step.ts';

const NO_POLICIES = 'the emulator does not evaluate policies of buses';
const NO_ARCHIVE = 'the emulator’s CloudFormation makes no archives';

export const BUS_STEPS: readonly Step[] = [
  {
    name: 'state of the archive',
    proves: 'the archive of the bus works with the key of the deployment',
    onlyInAws: NO_ARCHIVE,
    async work(run) {
      const { ArchiveName, State, StateReason } = await archiveOf(run);
      if (State !== 'ENABLED') throw new Error(`${ArchiveName} is ${State}: ${StateReason}`);
      return `${ArchiveName} is ${State}`;
    },
  },
  {
    name: 'who may put what on the bus',
    proves: 'each source is accepted from its own principals and from no other',
    onlyInAws: NO_POLICIES,
    async work(run) {
      const people = given(run.found.people, 'the deployment');
      const id = `bus-${run.startedAt}`;
      await patiently(async () => {
        const answer = await people.putEvent('crm', SOURCES.crm, ended(id, Date.now() + DAY));
        if (answer !== 'accepted') throw new Error(`crm with its own source was answered ${answer}`);
      });
      const attempts: readonly (readonly [Player, string])[] = [
        ['crm', SOURCES.shop],
        ['shop', SOURCES.crm],
        ['crm', API_SOURCE],
        ['crm', SWEEP_SOURCE],
        ['crm', 'example.unknown'],
        ['auditor', SOURCES.crm],
        ['operator', SOURCES.crm],
      ];
      for (const [player, source] of attempts) {
        const answer = await people.putEvent(player, source, ended(id, Date.now() + DAY));
        if (!/AccessDenied|NotAuthorized/.test(answer))
          throw new Error(`${player} with the source ${source} was answered ${answer}`);
      }
      return `1 accepted, ${attempts.length} denied`;
    },
  },
  {
    name: 'delivery under the key',
    proves: 'an event on the encrypted bus reaches the registry through the encrypted queue',
    async work(run) {
      const people = given(run.found.people, 'the deployment');
      const id = `delivered-${run.startedAt}`;
      await recordsOf(run, id);
      const answer = await people.putEvent('crm', SOURCES.crm, ended(id, Date.now() + DAY));
      if (answer !== 'accepted') throw new Error(`the bus answered ${answer}`);
      await query(
        run,
        id,
        (holdings) => holdings.every(({ plan }) => plan?.next?.actAt !== undefined),
        'the event counts',
      );
      return 'the records have a date';
    },
  },
];

export const AFTERWARDS: readonly Step[] = [
  {
    name: 'mail of an alarm',
    proves: 'an alarm reaches a person: topic, key and subscription work',
    onlyInAws: 'the emulator sends no mail',
    async work({ clients, email, ask }) {
      if (email === undefined) throw new Error('name your address with --email');
      const state = {
        AlarmName: `${FIRST}-dead-letters`,
        StateValue: 'ALARM',
        StateReason: 'acceptance',
      } as const;
      await clients.cloudWatch.send(new SetAlarmStateCommand(state));
      if (
        !(await ask(`Did ${email} get a mail about ${state.AlarmName} (after confirming the subscription)?`))
      )
        throw new Error('no mail arrived');
      return `${email} got it`;
    },
  },
  {
    name: 'replay of the archive',
    proves: 'replayed events change nothing: no second disposal, nothing in quarantine',
    onlyInAws: NO_ARCHIVE,
    async work(run) {
      const before = await logLength(run);
      const archive = await archiveOf(run);
      const bus = stateOf(run)['EventBusName'];
      const { Rules = [] } = await run.clients.events.send(new ListRulesCommand({ EventBusName: bus }));
      const own = Rules.filter(({ ManagedBy }) => ManagedBy === undefined);
      const ReplayName = `acceptance-${run.startedAt}`;
      const arn = given(archive.EventSourceArn, 'the bus of the archive');
      await run.clients.events.send(
        new StartReplayCommand({
          ReplayName,
          EventSourceArn: archive.ArchiveArn,
          EventStartTime: new Date(run.startedAt),
          EventEndTime: new Date(),
          Destination: { Arn: arn, FilterArns: own.flatMap(({ Arn }) => Arn ?? []) },
        }),
      );
      let state: string | undefined;
      do {
        await sleep(10_000);
        ({ State: state } = await run.clients.events.send(new DescribeReplayCommand({ ReplayName })));
      } while (state === 'STARTING' || state === 'RUNNING');
      if (state !== 'COMPLETED') throw new Error(`the replay is ${state}`);
      // Until what was replayed has been ingested.
      await sleep(120_000);
      const operator = await given(run.found.people, 'the deployment').client('operator');
      const { items } = await operator.listQuarantine();
      if (items.length > 0) throw new Error(`${items.length} events are in quarantine`);
      const after = await logLength(run);
      if (after !== before) throw new Error(`the log grew from ${before} to ${after} entries`);
      return `${ReplayName} is completed; the log has ${after} entries as before`;
    },
  },
];

async function archiveOf(run: Run) {
  const { Archives = [] } = await run.clients.events.send(new ListArchivesCommand({}));
  const bus = stateOf(run)['EventBusName'];
  const found = Archives.find(({ EventSourceArn }) => EventSourceArn?.endsWith(`event-bus/${bus}`));
  const ArchiveName = given(found?.ArchiveName, 'the archive of the bus');
  return run.clients.events.send(new DescribeArchiveCommand({ ArchiveName }));
}
