import { AWS_SERVICES, type AwsService, servicesOfLane } from '../../shared/adapters/aws-services.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { storeKind } from '../../shared/stores/kinds.ts';
import type { PreflightLane } from './preflight-config.ts';
import { describeNetwork, Ec2Refusal, type Network } from './preflight-ec2.ts';
import { type Finding, fails, unknown } from './preflight-finding.ts';
import type { AwsPlace } from '../../shared/adapters/call-aws.ts';

/** A lane in a VPC and what it calls. */
export interface LaneNetwork {
  readonly subnets: readonly string[];
  /** In the deployment's own region. */
  readonly services: readonly AwsService[];
  /** Other regions with something that it calls, and the host of a vendor. */
  readonly elsewhere: readonly string[];
}

/** Says which services a lane in a VPC could not reach. Reads only. */
export async function checkNetworks(
  { stores }: Configuration,
  lanes: Readonly<Record<string, PreflightLane>>,
  place: AwsPlace,
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    Object.entries(stores).map(async ([name, store]) => {
      const { network, login } = lanes[name] ?? {};
      if (network === undefined) return [];
      const kind = storeKind(store.kind);
      const vendor = kind.vendor(kind.options.parse(store.options));
      const secret = login !== undefined && 'secret' in login ? String(login.secret) : vendor?.secret;
      const { packages } = kind.driver;
      const ownRegion = packages.some((each) => each.startsWith('@aws-sdk/')) ? store.region : place.region;
      const regions = [ownRegion, secret?.split(':')[3] ?? place.region];
      const lane: LaneNetwork = {
        subnets: network.subnets,
        services: servicesOfLane(packages, secret === undefined ? 'none' : 'secret'),
        elsewhere: [
          ...[...new Set(regions)].filter((region) => region !== place.region),
          ...(vendor === undefined || vendor.isPrivate ? [] : [vendor.host]),
        ],
      };
      try {
        return judgeNetwork(name, lane, await describeNetwork(place, lane.subnets), place.region);
      } catch (error) {
        return [unreadable(name, error)];
      }
    }),
  );
  return findings.flat();
}

/** Every subnet needs its own way: Lambda uses all of them. */
export function judgeNetwork(name: string, lane: LaneNetwork, network: Network, region: string): Finding[] {
  const ways = lane.subnets.map((subnet) => ({ subnet, way: wayOf(subnet, network) }));
  const isPublic = ways.filter(({ way }) => way.otherwise?.startsWith('igw-'));
  const closed = ways.filter(({ way }) => way.otherwise === undefined || way.otherwise.startsWith('igw-'));
  const missing = lane.services.flatMap((service) => {
    const without = closed.filter(({ way }) => !leadsTo(service, way, network, region));
    return without.length === 0 ? [] : [{ service, subnets: without.map(({ subnet }) => subnet) }];
  });
  const names = (subnets: readonly string[]): string => subnets.join(', ');
  return [
    ...(missing.length > 0 && isPublic.length > 0
      ? [
          fails(
            name,
            `${names(isPublic.map(({ subnet }) => subnet))} leads to an internet gateway, which a function in a VPC cannot use because it has no public address; use private subnets with a NAT gateway or VPC endpoints`,
          ),
        ]
      : []),
    ...missing.map(({ service, subnets }) =>
      fails(
        name,
        `the lane could not reach ${service} from ${names(subnets)}: ${GATEWAYS.has(service) ? 'create the gateway endpoint' : 'create the interface endpoint with private DNS'} com.amazonaws.${region}.${AWS_SERVICES[service]}${GATEWAYS.has(service) ? ' for the route tables of these subnets' : ''}, or a NAT gateway (docs/vpc.md)`,
      ),
    ),
    ...(lane.elsewhere.length > 0 && closed.length > 0
      ? [
          fails(
            name,
            `the lane calls ${names(lane.elsewhere)}, which no VPC endpoint of ${region} leads to; ${names(closed.map(({ subnet }) => subnet))} needs a NAT gateway`,
          ),
        ]
      : []),
  ];
}

/** They cost nothing and belong to route tables. */
const GATEWAYS: ReadonlySet<AwsService> = new Set(['DYNAMODB', 'S3']);

interface Way {
  readonly vpc: string | undefined;
  readonly routeTable: string | undefined;
  readonly otherwise: string | undefined;
}

function wayOf(subnet: string, { subnets, routeTables }: Network): Way {
  const vpc = subnets.find((each) => each.subnet === subnet)?.vpc;
  const table =
    routeTables.find((each) => each.subnets.includes(subnet)) ??
    routeTables.find((each) => each.isMain && each.vpc === vpc);
  return { vpc, routeTable: table?.id, otherwise: table?.otherwise };
}

function leadsTo(service: AwsService, way: Way, { endpoints }: Network, region: string): boolean {
  const ending = `.amazonaws.${region}.${AWS_SERVICES[service]}`;
  return endpoints.some(
    (each) =>
      each.service.endsWith(ending) &&
      each.vpc === way.vpc &&
      each.state === 'available' &&
      (each.kind === 'gateway'
        ? each.routeTables.some((table) => table === way.routeTable)
        : each.hasPrivateNames),
  );
}

function unreadable(name: string, error: unknown): Finding {
  const code = error instanceof Ec2Refusal ? error.code : error instanceof Error ? error.name : 'unknown';
  if (code === 'InvalidSubnetID.NotFound')
    return fails(name, 'a subnet of `lane.network` does not exist; correct `subnets`');
  return unknown(
    name,
    `the network of the lane could not be read (${code}); this check needs ec2:DescribeSubnets, ec2:DescribeRouteTables and ec2:DescribeVpcEndpoints`,
  );
}
