import { posix } from 'node:path';
import { type Direction, directions } from './import-directions.ts';
import type { Import, Source } from './source-scan.ts';

/** Returns one sentence for each violation: which file, and what to do. */
export type Rule = (sources: readonly Source[]) => string[];

const longestFile = 300;
/** Tests are lists of cases; a split at a line count separates cases that belong together. */
const longestTest = 400;
/** Files whose parts would have to pass each other hidden state if they were split, with the reason. */
const longFiles: Readonly<Record<string, number>> = {
  // Moments, operands and conditions contain each other: in separate files, they would have to be passed to each other
  // at run time.
  'shared/domain/rule/grammar.ts': 850,
};
const deepestFolder = 3;
const mostFiles = 25;

export const importsFollowTheTable: Rule = (sources) =>
  sources.filter(isGoverned).flatMap((source) => {
    const row = directions.find(({ room }) => within(source.path, room));
    if (!row) {
      return [`${source.path}: no row of import-directions.ts covers it; move it, or give its folder a row.`];
    }
    return source.imports
      .filter((found) => !isAllowed(source, found, row))
      .map(
        ({ line, specifier }) =>
          `${source.path}:${line}: may not import '${specifier}'; ${explain(row)} ` +
          'Move the code to where it may, or pass it in as an argument.',
      );
  });

export const oneFileImportsTemporal: Rule = (sources) => {
  const importers = sources
    .filter(({ path, imports }) => within(path, 'shared/domain') && imports.some(isOfTemporal))
    .map(({ path }) => path);
  return importers.length < 2
    ? []
    : importers.map(
        (path) => `${path}: imports temporal-polyfill, as others do; keep calendar work in one file.`,
      );
};

/** Type imports count: two files that need each other's types belong together. */
export const noImportCycle: Rule = (sources) => {
  const graph = new Map(sources.map(({ path, imports }) => [path, targetsOf(imports)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) {
      cycles.push(
        `${path}: import cycle ${[...trail.slice(seenAt), path].join(' -> ')}; ` +
          'move what both sides need into a file of its own.',
      );
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
};

export const filesAreShort: Rule = (sources) =>
  scriptsOf(sources).flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length;
    const limit = longFiles[path] ?? (path.startsWith('test/') ? longestTest : longestFile);
    return lines > limit
      ? [`${path}: ${lines} lines, the limit is ${limit}; split it by what it is about.`]
      : [];
  });

export const foldersAreShallow: Rule = (sources) =>
  sources.flatMap(({ path }) => {
    const depth = path.split('/').length - 1;
    return depth > deepestFolder
      ? [`${path}: ${depth} folders deep, the limit is ${deepestFolder}; move it up.`]
      : [];
  });

/** The most files that a person can take in at a glance: a longer list has to be searched. */
export const foldersAreNotCrowded: Rule = (sources) =>
  Object.entries(Object.groupBy(scriptsOf(sources), ({ path }) => posix.dirname(path))).flatMap(
    ([folder, files = []]) =>
      files.length > mostFiles
        ? [
            `${folder}: ${files.length} files, the limit is ${mostFiles}; give what belongs together a folder.`,
          ]
        : [],
  );

export const namesSayWhatIsInside: Rule = (sources) =>
  scriptsOf(sources).flatMap(({ path }) => {
    const segments = path.split('/');
    const name = stem(path);
    const emptyWord = segments.map((segment) => stem(segment)).find(saysNothing(segments[0] === 'test'));
    return [
      ...(emptyWord ? [`${path}: '${emptyWord}' says nothing; name it after its main export.`] : []),
      ...(name === 'types' || name === 'interfaces'
        ? [`${path}: put each type beside the code that owns it.`]
        : []),
    ];
  });

export const namesAreKebabCase: Rule = (sources) =>
  scriptsOf(sources)
    .filter(({ path }) => !path.split('/').every((part) => /^[a-z0-9]+([-.][a-z0-9]+)*$/.test(part)))
    .map(({ path }) => `${path}: write folder and file names in kebab-case.`);

export const zodIsANamespace: Rule = (sources) =>
  sources.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier, typeOnly }) => !typeOnly && /^zod(\/|$)/.test(specifier))
      .filter(({ statement }) => !/^import\s+\*\s+as\s+z\s+from\s+['"]zod['"];?$/.test(statement))
      .map(
        ({ line }) =>
          `${path}:${line}: write import * as z from 'zod'; other forms bundle five times as much.`,
      ),
  );

export const timeComesFromOutside: Rule = (sources) =>
  sources
    .filter(({ path }) => !clockRooms.some((room) => within(path, room)))
    .flatMap(({ path, clockLines }) =>
      clockLines.map(
        (line) => `${path}:${line}: reads the clock or uses Date; take the instant as an argument.`,
      ),
    );

export const nothingIsAny: Rule = (sources) =>
  sources.flatMap(({ path, anyLines }) =>
    anyLines.map((line) => `${path}:${line}: has type any; write unknown and parse it, or name the type.`),
  );

const governed = ['shared', 'functions', 'infra', 'local', 'cli', 'console', 'examples'];
const clockRooms = [
  'shared/adapters',
  // Writes instants as text; reads no clock.
  'shared/domain/calendar/utc-time.ts',
  'functions/*/handler.ts',
  'local',
  'cli',
  'test',
];

function isGoverned({ path }: Source): boolean {
  return /\.[cm]?tsx?$/.test(path) && governed.includes(path.split('/')[0] ?? '');
}

/** Loaded by `import()` when a store is opened, so what it imports is, too: by name, a bundle has less of a driver. */
const OPENED_STORE = /^shared\/stores\/([a-z0-9]+)\/\1-store\.ts$/;

function isAllowed(source: Source, found: Import, row: Direction): boolean {
  const { target, specifier, typeOnly, dynamic } = found;
  if (target !== undefined) {
    if (OPENED_STORE.test(target) && !typeOnly && !dynamic) return false;
    return (
      within(target, homeOf(source.path, row)) ||
      row.folders.some((folder) => within(target, folder)) ||
      (typeOnly && (row.folderTypes ?? []).some((folder) => within(target, folder)))
    );
  }
  return (
    row.packages.some((name) => isNamed(specifier, name)) ||
    ((typeOnly || dynamic || OPENED_STORE.test(source.path)) &&
      (row.lazyPackages ?? []).some((name) => isNamed(specifier, name)))
  );
}

function explain({ room, folders, folderTypes = [], packages, lazyPackages = [] }: Direction): string {
  const allowed = [
    ...folders,
    ...folderTypes.map((folder) => `${folder} (import type)`),
    ...packages,
    ...lazyPackages.map((name) => `${name} (import type or import())`),
  ];
  return `${room} may import ${allowed.length > 0 ? allowed.join(', ') : 'only its own files'}.`;
}

/** The part of the tree within which files may import each other freely. */
function homeOf(path: string, { room }: Direction): string {
  const [top = '', second = ''] = path.split('/');
  const home = top === 'shared' || top === 'functions' ? `${top}/${second}` : top;
  const isInner = room.startsWith(`${home}/`) && (!room.includes('*') || room.endsWith('/*.ts'));
  return isInner ? room : home;
}

function within(path: string, pattern: string): boolean {
  return new RegExp(`^${escaped(pattern).replaceAll('*', '[^/]*')}(/|$)`).test(path);
}

function isNamed(specifier: string, pattern: string): boolean {
  return new RegExp(`^${escaped(pattern).replaceAll('*', '.*')}$`).test(specifier);
}

function escaped(pattern: string): string {
  return pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

function isOfTemporal({ specifier }: Import): boolean {
  return /^temporal-polyfill(\/|$)/.test(specifier);
}

function targetsOf(imports: readonly Import[]): string[] {
  return imports.flatMap(({ target }) => target ?? []);
}

function scriptsOf(sources: readonly Source[]): Source[] {
  return sources.filter(({ path }) => /\.[cm]?tsx?$/.test(path));
}

function stem(path: string): string {
  return posix.basename(path).replace(/\..*$/, '');
}

function saysNothing(inTests: boolean): (name: string) => boolean {
  const words = inTests ? /(^|-)utils?$|^common$/ : /(^|-)(utils?|helpers?)$|^common$/;
  return (name) => words.test(name);
}
