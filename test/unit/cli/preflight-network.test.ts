import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { loadPreflight } from '../../../cli/preflight/preflight-config.ts';
import type { Network, RouteTable, VpcEndpoint } from '../../../cli/preflight/preflight-ec2.ts';
import { checkNetworks, judgeNetwork, type LaneNetwork } from '../../../cli/preflight/preflight-network.ts';
import { xmlTree } from '../../../cli/preflight/xml-tree.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const REGION = 'eu-central-1';
const retention = new URL('../../../retention.config.ts', import.meta.url).pathname;

describe('the network of a lane', () => {
  const lane: LaneNetwork = {
    subnets: ['subnet-a', 'subnet-b'],
    services: ['DYNAMODB', 'KMS', 'SCHEDULER', 'SQS'],
    elsewhere: [],
  };
  const main: RouteTable = { id: 'rtb-main', vpc: 'vpc-1', isMain: true, subnets: [], otherwise: undefined };
  const ofB: RouteTable = { ...main, id: 'rtb-b', isMain: false, subnets: ['subnet-b'] };
  const gateway: VpcEndpoint = {
    service: `com.amazonaws.${REGION}.dynamodb`,
    vpc: 'vpc-1',
    kind: 'gateway',
    state: 'available',
    routeTables: ['rtb-main', 'rtb-b'],
    hasPrivateNames: false,
  };
  const interfaces = ['kms', 'scheduler', 'sqs'].map((service): VpcEndpoint => ({
    ...gateway,
    service: `com.amazonaws.${REGION}.${service}`,
    kind: 'interface',
    routeTables: [],
    hasPrivateNames: true,
  }));
  const whole: Network = {
    subnets: ['subnet-a', 'subnet-b'].map((subnet) => ({ subnet, vpc: 'vpc-1' })),
    routeTables: [main, ofB],
    endpoints: [gateway, ...interfaces],
  };
  const said = (network: Partial<Network>, more: Partial<LaneNetwork> = {}): readonly string[] =>
    judgeNetwork('crm', { ...lane, ...more }, { ...whole, ...network }, REGION).map(({ message }) => message);

  test('with an endpoint for each service has nothing to say', () => {
    expect(said({})).toEqual([]);
  });

  test('with a NAT gateway or the like for each subnet needs no endpoint', () => {
    const routeTables = [
      { ...main, otherwise: 'nat-1' },
      { ...ofB, otherwise: 'tgw-1' },
    ];
    expect(said({ endpoints: [], routeTables }, { elsewhere: ['us-east-1'] })).toEqual([]);
  });

  test('without any of them names each service, its endpoint and the subnets', () => {
    expect(said({ endpoints: [] })).toEqual([
      `the lane could not reach DYNAMODB from subnet-a, subnet-b: create the gateway endpoint com.amazonaws.${REGION}.dynamodb for the route tables of these subnets, or a NAT gateway (docs/vpc.md)`,
      `the lane could not reach KMS from subnet-a, subnet-b: create the interface endpoint with private DNS com.amazonaws.${REGION}.kms, or a NAT gateway (docs/vpc.md)`,
      expect.stringContaining(`com.amazonaws.${REGION}.scheduler,`),
      expect.stringContaining(`com.amazonaws.${REGION}.sqs,`),
    ]);
  });

  const kms = {
    ...gateway,
    service: `com.amazonaws.${REGION}.kms`,
    kind: 'interface',
    hasPrivateNames: true,
  };
  test.each<[string, readonly VpcEndpoint[], readonly string[]]>([
    [
      'a gateway of which one route table knows nothing',
      [{ ...gateway, routeTables: ['rtb-b'] }, kms],
      ['DYNAMODB from subnet-a:'],
    ],
    ['an endpoint of another VPC', [gateway, { ...kms, vpc: 'vpc-2' }], ['KMS from subnet-a, subnet-b:']],
    ['an endpoint that is not available yet', [gateway, { ...kms, state: 'pending' }], ['KMS from']],
    ['an endpoint without private names', [gateway, { ...kms, hasPrivateNames: false }], ['KMS from']],
    [
      'an endpoint of another region',
      [gateway, { ...kms, service: 'com.amazonaws.eu-west-1.kms' }],
      ['KMS from'],
    ],
    [
      'an endpoint of another service',
      [gateway, { ...kms, service: `com.amazonaws.${REGION}.notkms` }],
      ['KMS from'],
    ],
  ])('does not count %s', (_, endpoints, missing) => {
    expect(said({ endpoints }, { services: ['DYNAMODB', 'KMS'] })).toEqual(
      missing.map((text) => expect.stringContaining(text)),
    );
  });

  test('in China has endpoints of another name', () => {
    const chinese = { ...kms, service: `cn.com.amazonaws.${REGION}.kms` };
    expect(said({ endpoints: [chinese] }, { services: ['KMS'] })).toEqual([]);
  });

  test('of public subnets says that a function has no public address', () => {
    const routeTables = [{ ...main, otherwise: 'igw-1' }, ofB];
    expect(said({ routeTables })).toEqual([]);
    expect(said({ routeTables, endpoints: [gateway] }, { services: ['KMS'] })).toEqual([
      expect.stringContaining('subnet-a leads to an internet gateway'),
      expect.stringContaining('KMS from subnet-a, subnet-b'),
    ]);
  });

  test('with something in another region needs more than endpoints', () => {
    expect(said({}, { elsewhere: ['us-east-1'] })).toEqual([
      expect.stringContaining(
        `calls us-east-1, which no VPC endpoint of ${REGION} leads to; subnet-a, subnet-b needs`,
      ),
    ]);
  });
});

describe('as EC2 describes it', () => {
  const answers: Readonly<Record<string, string>> = {
    DescribeSubnets:
      '<subnetSet><item><subnetId>subnet-0123456789abcdef0</subnetId><vpcId>vpc-1</vpcId></item></subnetSet>',
    DescribeRouteTables: `<routeTableSet><item><routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId>
      <routeSet>
        <item><destinationPrefixListId>pl-1</destinationPrefixListId><gatewayId>vpce-1</gatewayId><state>active</state></item>
        <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-1</natGatewayId><state>STATE</state></item>
      </routeSet>
      <associationSet><item><main>true</main><routeTableId>rtb-1</routeTableId></item></associationSet></item></routeTableSet>`,
    DescribeVpcEndpoints: '<vpcEndpointSet>ENDPOINTS</vpcEndpointSet>',
  };
  const endpoint = (service: string, kind: string) =>
    `<item><serviceName>com.amazonaws.${REGION}.${service}</serviceName><vpcId>vpc-1</vpcId><state>Available</state>
     <vpcEndpointType>${kind}</vpcEndpointType><privateDnsEnabled>${kind === 'Interface'}</privateDnsEnabled>
     <routeTableIdSet>${kind === 'Gateway' ? '<item>rtb-1</item>' : ''}</routeTableIdSet><subnetIdSet/></item>`;

  /** Endpoints come on a page each. */
  async function ec2(state: string, endpoints: readonly string[], refusal?: string) {
    const asked: URLSearchParams[] = [];
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const form = new URLSearchParams(Buffer.concat(parts).toString());
        asked.push(form);
        const action = form.get('Action') ?? '';
        if (refusal !== undefined) {
          const error = `<Error><Code>${refusal}</Code><Message>never looked at</Message></Error>`;
          response.writeHead(400).end(`<Response><Errors>${error}</Errors></Response>`);
          return;
        }
        const page = Number(form.get('NextToken') ?? 0);
        const isLast = action !== 'DescribeVpcEndpoints' || page + 1 >= endpoints.length;
        const body = (answers[action] ?? '')
          .replace('STATE', state)
          .replace('ENDPOINTS', endpoints[page] ?? '');
        const next = isLast ? '' : `<nextToken>${page + 1}</nextToken>`;
        response.end(
          `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${body}${next}</${action}Response>`,
        );
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    stops.push(() => server.close());
    const { configuration } = await loadPreflight(retention);
    const [name = ''] = Object.keys(configuration.stores).filter(
      (each) => configuration.stores[each]?.kind === 'dynamodb',
    );
    const found = await checkNetworks(
      configuration,
      { [name]: { network: { subnets: ['subnet-0123456789abcdef0'] } } },
      {
        region: REGION,
        credentials: async () => ({ accessKeyId: 'any', secretAccessKey: 'any' }),
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      },
    );
    return { asked, found: found.map(({ severity, message }) => [severity, message]) };
  }

  test('a NAT gateway leads everywhere, but not if it is gone', async () => {
    expect((await ec2('active', [])).found).toEqual([]);
    const { found, asked } = await ec2('blackhole', []);
    expect(found).toHaveLength(5);
    expect(asked.map((form) => form.get('Action'))).toEqual(Object.keys(answers));
    expect(asked[0]?.get('SubnetId.1')).toBe('subnet-0123456789abcdef0');
    expect(asked[1]?.get('Filter.1.Value.1')).toBe('vpc-1');
  });

  test('endpoints are read page by page', async () => {
    const all = [
      ...['dynamodb', 's3'].map((one) => endpoint(one, 'Gateway')),
      ...['kms', 'sqs', 'scheduler'].map((one) => endpoint(one, 'Interface')),
    ];
    expect((await ec2('blackhole', all)).found).toEqual([]);
    expect((await ec2('blackhole', all.slice(0, 4))).found).toEqual([
      ['fails', expect.stringContaining(`com.amazonaws.${REGION}.scheduler`)],
    ]);
  });

  test('a call that is refused is said with the permissions that it needs', async () => {
    expect((await ec2('active', [], 'UnauthorizedOperation')).found).toEqual([
      ['unknown', expect.stringMatching(/\(UnauthorizedOperation\).*ec2:DescribeVpcEndpoints/)],
    ]);
    expect((await ec2('active', [], 'InvalidSubnetID.NotFound')).found).toEqual([
      ['fails', 'a subnet of `lane.network` does not exist; correct `subnets`'],
    ]);
  });

  test('a lane without a network is not looked at', async () => {
    const { configuration } = await loadPreflight(retention);
    const credentials = () => Promise.reject(new Error('never asked for'));
    expect(await checkNetworks(configuration, {}, { region: REGION, credentials })).toEqual([]);
  });
});

test('an answer in XML is read without its attributes, comments and escapes', () => {
  const tree = xmlTree(
    '<?xml version="1.0"?><!-- no --><A x="1"><b>1 &lt;&amp;&gt; 2</b><c/><d><item>x</item><item/></d></A>',
  );
  expect([tree.text('b'), tree.text('c'), tree.text('z')]).toEqual(['1 <&> 2', '', '']);
  expect(tree.items('d').map((item) => item.text())).toEqual(['x', '']);
  expect([tree.items('c'), xmlTree('').text('a')]).toEqual([[], '']);
});
