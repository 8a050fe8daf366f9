import { demoConfiguration, demoRegion } from '../../examples/demo-configuration.ts';
import {
  checkOwnRegion,
  outsideRegions,
  type OutsideRegions,
} from '../../shared/domain/configuration/check-stores.ts';
import type { PolicySet } from '../../shared/domain/configuration/policy.ts';

/** Where the deployment itself would be, as synth checks it: its bus, archive, registry and quarantine hold ids. */
interface DemoPlace {
  readonly region: string;
  /** Policies that do not allow this region, with the reason for which the deployment is there all the same. */
  readonly outside: readonly OutsideRegions[];
  /** What synth would say if nothing were acknowledged. */
  readonly refusals: readonly string[];
}

export function demoPlace(policies: PolicySet): DemoPlace {
  const acknowledged = demoConfiguration.acknowledgedRegions ?? {};
  return {
    region: demoRegion,
    outside: outsideRegions(policies, demoRegion, acknowledged),
    refusals: checkOwnRegion(policies, demoRegion, {}).map(({ message }) => message),
  };
}
