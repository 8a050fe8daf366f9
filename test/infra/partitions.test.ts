import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { TenureConfig } from '../../infra/tenure.ts';
import retention from '../../retention.config.ts';
import { awsDomain, regionOfApiHost } from '../../shared/domain/aws-domain.ts';
import { ROOT, statementsOf, synthesized } from '../support/house/synthesized.ts';

/** The first synth of a process loads the whole library: long on a busy machine. */
vi.setConfig({ testTimeout: 240_000 });

/** Service principals have one name in every partition; CDK knows the few that differ. */
const PRINCIPAL = /'(lambda|events|cloudwatch|scheduler)\.amazonaws\.com'/g;
/** Where a literal is right, with the reason. */
const RIGHT: Readonly<Record<string, string>> = {
  'shared/domain/aws-domain.ts': 'the table of the domains itself',
  'cli/preflight/preflight-network.ts': 'names of VPC endpoints, whose beginning is not compared',
  'shared/adapters/unreachable.ts': 'the name of a VPC endpoint, with <region> in it, in a message',
  'shared/stores/s3/s3-answers.ts': 'the namespace of S3 in XML, which is the same in all partitions',
  'local/run-handler.ts': 'no AWS: a made-up ARN of the local engine',
};

/** Comments, and examples in messages, which stand between backquotes. */
function withoutProse(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/\\`[^`]*\\`/g, '');
}

describe('the source', () => {
  test('has no domain and no partition of AWS written out, except where a reason is given', () => {
    const files = globSync('{infra,shared,cli,functions,local}/**/*.ts', { cwd: ROOT });
    expect(files.length).toBeGreaterThan(300);
    const found = files.filter((file) => {
      const code = withoutProse(readFileSync(join(ROOT, file), 'utf8')).replaceAll(PRINCIPAL, '');
      return /amazonaws\.|arn:aws/.test(code);
    });
    expect(found.map((file) => file.replaceAll('\\', '/')).toSorted()).toEqual(Object.keys(RIGHT).toSorted());
  });
});

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const PLACES = [
  ['cn-north-1', 'aws-cn', 'amazonaws.com.cn'],
  ['us-gov-west-1', 'aws-us-gov', 'amazonaws.com'],
  ['eusc-de-east-1', 'aws-eusc', 'amazonaws.eu'],
] as const;

/** The example in another region, with the names that it would have there. */
function exampleIn(region: string, partition: string): TenureConfig {
  const moved = JSON.parse(
    JSON.stringify(retention).replaceAll('arn:aws:', `arn:${partition}:`),
  ) as TenureConfig;
  return {
    ...moved,
    deployment: { ...moved.deployment, region },
    acknowledgedRegions: { [region]: { policies: ['odoo-events'], reason: 'a test of partitions' } },
  };
}

describe.each(PLACES)('in %s', (region, partition, domain) => {
  const { state, service } = synthesized(exampleIn(region, partition));
  /** As CloudFormation fills it in there. */
  const text = [state, service]
    .map((template) =>
      JSON.stringify(template.toJSON())
        .replaceAll('{"Ref":"AWS::Partition"}', `"${partition}"`)
        .replaceAll('{"Ref":"AWS::URLSuffix"}', `"${domain}"`),
    )
    .join('\n');

  test('every ARN is of its partition', () => {
    const partitions = [...text.matchAll(/arn:(aws[a-z-]*)/g)].map(([, found]) => found);
    expect(new Set(partitions)).toEqual(new Set([partition]));
  });

  test('every domain is its own; service principals are the same everywhere', () => {
    const hosts = [...text.matchAll(/[\w.-]*amazonaws\.(?:com\.cn|com|eu)/g)].map(([host]) => host);
    const services = new Set(
      hosts.filter((host) => /^(lambda|events|cloudwatch|scheduler|apigateway)\.amazonaws\.com$/.test(host)),
    );
    expect(services.size).toBeGreaterThan(3);
    const foreign = hosts.filter((host) => {
      // Of the example's own databases.
      if (services.has(host) || host.endsWith('.rds.amazonaws.com')) return false;
      return host !== domain && !host.endsWith(`.${domain}`);
    });
    expect(foreign).toEqual([]);
  });

  test('the key is used through the services of the region, and by its CloudWatch Logs', () => {
    const resolved = JSON.stringify([...statementsOf(state), ...statementsOf(service)]).replaceAll(
      /{"Fn::Join":\["",\["([^"]*)",{"Ref":"AWS::URLSuffix"}\]\]}/g,
      `"$1${domain}"`,
    );
    const through = [...resolved.matchAll(/"kms:ViaService":(\[[^\]]*\]|"[^"]*")/g)].flatMap(
      ([, values = '']) => [JSON.parse(values) as string | string[]].flat(),
    );
    expect(new Set(through)).toEqual(
      new Set(['dynamodb', 's3', 'sqs'].map((name) => `${name}.${region}.${domain}`)),
    );
    expect(resolved).toContain(`{"Service":"logs.${region}.${domain}"}`);
  });
});

describe('the domain of AWS', () => {
  test.each([
    ['eu-central-1', 'amazonaws.com'],
    ['us-gov-east-1', 'amazonaws.com'],
    ['cn-northwest-1', 'amazonaws.com.cn'],
    ['eusc-de-east-1', 'amazonaws.eu'],
  ])('in %s is %s', (region, domain) => {
    expect(awsDomain(region)).toBe(domain);
    expect(regionOfApiHost(`abc123.execute-api.${region}.${domain}`)).toBe(region);
  });

  test('tells no region of a host that has none, or of another domain', () => {
    for (const host of [
      'tenure.example.com',
      'abc.execute-api.cn-north-1.amazonaws.com',
      'abc.execute-api.eu-central-1.amazonaws.com.evil.example',
    ])
      expect(regionOfApiHost(host)).toBeUndefined();
  });
});
