/** A path of a route with a value for each of its names. */
export function samplePath(path: string): string {
  return path.replace(':lane', 'orders').replace(':index', '7');
}
