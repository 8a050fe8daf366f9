import { waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { createTable } from '../../local/engines/create-table.ts';
import { bucketOf, FIRST, lastLines, SECOND, tableOf } from './consumer.ts';
import { attachPolicies, createRoles, playersOf, SOURCES, unless } from './players.ts';
import { liftProtection } from './teardown.ts';
import { DAY, ended, goneAfter, recordsOf } from './records.ts';
import { given, stateOf, type Step } from './step.ts';

export const DEPLOY_STEPS: readonly Step[] = [
  {
    name: 'stores and roles',
    proves: 'what the deployment needs is there: two tables, two buckets with versions, four roles',
    async work({ place, clients }) {
      for (const name of [FIRST, SECOND]) {
        const TableName = tableOf(name);
        await createTable(clients.dynamo, TableName, [{ name: 'member', type: 'text' }]).catch(
          unless('ResourceInUseException'),
        );
        await waitUntilTableExists({ client: clients.dynamo, maxWaitTime: 120 }, { TableName });
        const Bucket = bucketOf(place, name);
        // S3 names no location constraint for its first region.
        const LocationConstraint = place.region as never;
        const where =
          place.region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
        await clients.s3
          .send(new CreateBucketCommand({ Bucket, ...where }))
          .catch(unless('BucketAlreadyOwnedByYou'));
        const VersioningConfiguration = { Status: 'Enabled' } as const;
        await clients.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
      }
      await createRoles(place, clients);
      return `${tableOf(FIRST)}, ${bucketOf(place, FIRST)}, and the same for ${SECOND}`;
    },
  },
  {
    name: 'preflight',
    proves: 'quotas suffice, and the stores are as the configuration says',
    async work({ place, consumer }) {
      const { code, out, err } = await consumer.preflight();
      // An emulator has no quotas to read, which preflight reports.
      if (code !== 0 && !place.emulated) throw new Error(lastLines(`${out}\n${err}`));
      return lastLines(out, 6);
    },
  },
  {
    name: 'bootstrap',
    proves: 'the region is ready for the CDK',
    async work({ consumer }) {
      await consumer.bootstrap();
      return 'done, or done before';
    },
  },
  {
    name: 'a failed first deployment',
    proves: 'CloudFormation takes everything back, and the runbook’s command makes the deployment repeatable',
    async work({ consumer, clients }) {
      const { code, out, err } = await consumer.deployBroken(FIRST);
      if (code === 0) throw new Error('the broken deployment succeeded');
      const said = `${out}\n${err}`;
      if (/ROLLBACK_FAILED/.test(said)) throw new Error(`it could not be taken back:\n${lastLines(said)}`);
      await liftProtection(clients, `${FIRST}-state`);
      return 'refused and rolled back; the next step repeats it';
    },
  },
  {
    name: 'deploy',
    proves: 'both stacks can be created, and the policies can be attached',
    async work(run) {
      const outputs = await run.consumer.deploy(FIRST);
      run.found.outputs = outputs;
      const state = stateOf(run);
      await attachPolicies(run.clients, state);
      const url = run.place.reachable(given(state['ApiUrl'], 'the URL of the API'));
      run.found.people = playersOf(run.place, run.clients, url, given(state['EventBusName'], 'the bus'));
      return url;
    },
  },
];

export const REDEPLOY_STEPS: readonly Step[] = [
  {
    name: 'redeploy without a change',
    proves: 'nothing is replaced or moved by deploying again',
    async work({ consumer }) {
      for (const stack of ['State', 'Service'] as const) {
        const { code, out, err } = await consumer.redeploy(FIRST, stack);
        if (code !== 0) throw new Error(lastLines(`${out}\n${err}`));
        if (!/no changes/i.test(`${out}${err}`))
          throw new Error(`${stack} was changed:\n${lastLines(`${out}\n${err}`)}`);
      }
      return 'no changes in both stacks';
    },
  },
  {
    name: 'the service stack is removed and deployed again',
    proves: 'an event that is sent while there is no service is not lost',
    async work(run) {
      const people = given(run.found.people, 'the deployment');
      const id = `gap-${run.startedAt}`;
      await recordsOf(run, id);
      await run.consumer.destroyService(FIRST);
      const answer = await people.putEvent('crm', SOURCES.crm, ended(id, Date.now() - DAY));
      if (answer !== 'accepted') throw new Error(`the bus answered ${answer}`);
      run.found.outputs = await run.consumer.deploy(FIRST);
      await goneAfter(run, id, Date.now());
      return 'sent to the bus alone; its records were gone after the deployment';
    },
  },
  {
    name: 'a second deployment',
    proves: 'two deployments in one account do not disturb each other’s bus, names or policies',
    async work(run) {
      const outputs = await run.consumer.deploy(SECOND);
      if (outputs[`${SECOND}-state`]?.['EventBusName'] === undefined) throw new Error('it has no bus');
      const people = given(run.found.people, 'the deployment');
      const id = `beside-${run.startedAt}`;
      await recordsOf(run, id);
      const answer = await people.putEvent('crm', SOURCES.crm, ended(id, Date.now() - DAY));
      if (answer !== 'accepted') throw new Error(`the first bus answered ${answer}`);
      await goneAfter(run, id, Date.now());
      return `${SECOND} is there, and the first deployment still takes events`;
    },
  },
];
