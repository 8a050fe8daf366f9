import { AwsV4Signer } from 'aws4fetch';
import { awsDomain } from '../../shared/domain/aws-domain.ts';
import { type XmlNode, xmlTree } from './xml-tree.ts';
import type { AwsPlace } from '../../shared/adapters/call-aws.ts';

/** A subnet's VPC and what lies in it that leads to services of AWS. */
export interface VpcSubnet {
  readonly subnet: string;
  readonly vpc: string;
}

export interface RouteTable {
  readonly id: string;
  readonly vpc: string;
  /** It counts for subnets of its VPC that have no other one. */
  readonly isMain: boolean;
  readonly subnets: readonly string[];
  /** Where its route for all other addresses leads: `nat-…`, `igw-…`, `tgw-…`; nowhere if the target is gone. */
  readonly otherwise: string | undefined;
}

export interface VpcEndpoint {
  readonly service: string;
  readonly vpc: string;
  readonly kind: string;
  readonly state: string;
  /** Of a gateway: the route tables that lead to it. */
  readonly routeTables: readonly string[];
  /** Of an interface: whether the service's own name leads to it. */
  readonly hasPrivateNames: boolean;
}

export interface Network {
  readonly subnets: readonly VpcSubnet[];
  readonly routeTables: readonly RouteTable[];
  readonly endpoints: readonly VpcEndpoint[];
}

/** EC2's code for why it refused a call. */
export class Ec2Refusal extends Error {
  readonly code: string;
  constructor(action: string, code: string) {
    super(`EC2 refused ${action}: ${code}`);
    this.name = 'Ec2Refusal';
    this.code = code;
  }
}

/** What is around these subnets. Only reads. Throws `Ec2Refusal`. */
export async function describeNetwork(place: AwsPlace, ids: readonly string[]): Promise<Network> {
  const named = Object.fromEntries(ids.map((id, index) => [`SubnetId.${index + 1}`, id]));
  const subnets = (await described(place, 'DescribeSubnets', named, 'subnetSet')).map((item) => ({
    subnet: item.text('subnetId'),
    vpc: item.text('vpcId'),
  }));
  const vpcs = [...new Set(subnets.map(({ vpc }) => vpc))];
  const inside = Object.fromEntries([
    ['Filter.1.Name', 'vpc-id'],
    ...vpcs.map((vpc, index) => [`Filter.1.Value.${index + 1}`, vpc]),
  ]) as Readonly<Record<string, string>>;
  const routeTables = await described(place, 'DescribeRouteTables', inside, 'routeTableSet');
  const endpoints = await described(place, 'DescribeVpcEndpoints', inside, 'vpcEndpointSet');
  return { subnets, routeTables: routeTables.map(routeTable), endpoints: endpoints.map(endpoint) };
}

function routeTable(item: XmlNode): RouteTable {
  const associations = item.items('associationSet');
  const route = item
    .items('routeSet')
    .find((each) => each.text('destinationCidrBlock') === '0.0.0.0/0' && each.text('state') === 'active');
  const targets = [
    'natGatewayId',
    'transitGatewayId',
    'gatewayId',
    'networkInterfaceId',
    'vpcPeeringConnectionId',
  ];
  return {
    id: item.text('routeTableId'),
    vpc: item.text('vpcId'),
    isMain: associations.some((each) => each.text('main') === 'true'),
    subnets: associations.map((each) => each.text('subnetId')).filter((id) => id !== ''),
    otherwise: targets.map((target) => route?.text(target) ?? '').find((id) => id !== ''),
  };
}

function endpoint(item: XmlNode): VpcEndpoint {
  return {
    service: item.text('serviceName'),
    vpc: item.text('vpcId'),
    kind: item.text('vpcEndpointType').toLowerCase(),
    state: item.text('state').toLowerCase(),
    routeTables: item.items('routeTableIdSet').map((each) => each.text()),
    hasPrivateNames: item.text('privateDnsEnabled') === 'true',
  };
}

/**
 * The items of an answer, page by page. EC2 has a protocol of its own: a form that asks, and XML that answers.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
 */
async function described(
  place: AwsPlace,
  action: string,
  input: Readonly<Record<string, string>>,
  set: string,
): Promise<readonly XmlNode[]> {
  const items: XmlNode[] = [];
  let next = '';
  do {
    const page = await ask(place, action, { ...input, ...(next === '' ? {} : { NextToken: next }) });
    items.push(...page.items(set));
    next = page.text('nextToken');
  } while (next !== '');
  return items;
}

async function ask(
  { region, credentials, endpoint }: AwsPlace,
  action: string,
  input: Readonly<Record<string, string>>,
): Promise<XmlNode> {
  const signed = await new AwsV4Signer({
    ...(await credentials()),
    url: `${endpoint ?? `https://ec2.${region}.${awsDomain(region)}`}/`,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: new URLSearchParams({ Action: action, Version: '2016-11-15', ...input }).toString(),
    service: 'ec2',
    region,
  }).sign();
  const { method, headers, body } = signed;
  const answer = await fetch(signed.url, {
    method,
    headers,
    body: body ?? null,
    signal: AbortSignal.timeout(10_000),
  });
  const tree = xmlTree(await answer.text());
  if (!answer.ok) {
    const [error] = tree.items('Errors', 'Error');
    throw new Ec2Refusal(action, error?.text('Code') || `HTTP ${answer.status}`);
  }
  return tree;
}
