import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Bundle } from './bundle-functions.ts';

/** Third-party software that the package brings: within its bundles, or installed with it. */
export interface ThirdParty {
  /** Where it is installed, from the root of the checkout. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX expression (https://spdx.org/licenses/). */
  readonly license: string;
  /** Its code is in a function bundle, so its licence has to go with the package. */
  readonly bundled: boolean;
}

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      peer: z.boolean().optional(),
      devOptional: z.boolean().optional(),
    }),
  ),
});

const Component = z.looseObject({ 'bom-ref': z.string() });
const Bom = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string(), version: z.string() }) }),
  components: z.array(Component),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

/** In the order of their names. Throws if a package does not say under which licence it is. */
export function thirdParty(root: string, bundles: readonly Bundle[]): readonly ThirdParty[] {
  const { packages } = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const bundled = new Set(
    bundles.flatMap(({ sources }) => sources).flatMap((source) => installedAt(source, packages) ?? []),
  );
  const found = Object.entries(packages)
    .filter(([path]) => path !== '')
    .filter(([path, { dev, peer, devOptional }]) => bundled.has(path) || (!dev && !peer && !devOptional))
    .map(([path, { version, license }]): ThirdParty => {
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      if (license === undefined)
        throw new Error(`${name}@${version} names no licence: find out, or replace it`);
      return { path, name, version, license, bundled: bundled.has(path) };
    });
  return found.toSorted((a, b) => (refOf(a) < refOf(b) ? -1 : 1));
}

/** The installed package that a source file belongs to: the longest path, because packages contain packages. */
function installedAt(source: string, packages: Readonly<Record<string, unknown>>): string | undefined {
  let path = source;
  while (path.includes('node_modules/')) {
    path = path.slice(0, path.lastIndexOf('/'));
    if (path in packages) return path;
  }
  return undefined;
}

function refOf({ name, version }: ThirdParty): string {
  return `${name}@${version}`;
}

/**
 * A software bill of materials as npm writes it (CycloneDX 1.5, JSON), with the shipped packages only. The same packages
 * give the same text: its serial number depends on them, and it has no time.
 */
export function billOfMaterials(root: string, shipped: readonly ThirdParty[]): string {
  const printed = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const { metadata, ...bom } = Bom.parse(JSON.parse(printed));
  const product = metadata.component['bom-ref'];
  const refs = new Set([product, ...shipped.map(refOf)]);
  const components = bom.components.filter((component) => refs.has(component['bom-ref']));
  const dependencies = bom.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => refs.has(each)) }));
  return `${JSON.stringify(
    {
      ...bom,
      serialNumber: `urn:uuid:${uuidOf(JSON.stringify([product, components]))}`,
      metadata: { component: { ...metadata.component, name: 'tenure' } },
      components,
      dependencies,
    },
    null,
    2,
  )}\n`;
}

/** A UUID of version 8 (RFC 9562, section 5.8) from a digest. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** The notices that licences ask for: of every package whose code is in a bundle, each text once. */
export function notices(root: string, shipped: readonly ThirdParty[]): string {
  const byText = Map.groupBy(
    shipped.filter(({ bundled }) => bundled),
    ({ path, name, license }) => textOf(join(root, path), name, license),
  );
  const parts = [...byText].map(([text, packages]) => {
    const names = packages.map(({ name, version, license }) => `${name} ${version} (${license})`);
    return `${names.join('\n')}\n\n${text}\n`;
  });
  const intro = 'The function bundles in this package contain the following third-party software.\n';
  return [intro, ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}

/** Files such as LICENSE, LICENCE.md, NOTICE. A package without one gets the name of its licence. */
function textOf(folder: string, name: string, license: string): string {
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)(\.|-|$)/i.test(file));
  const texts = files.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return texts.length > 0 ? texts.join('\n\n') : `${name} is licensed under ${license}.`;
}
