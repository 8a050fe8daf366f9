import dns from 'node:dns';

/**
 * Names below `localhost` are this machine (RFC 6761 §6.3), which not every resolver knows: the emulator's HTTP APIs have
 * such names. Loaded by this process, and with `--import` by the commands it runs.
 */
const systemLookup = dns.lookup;

function lookup(...args: Parameters<typeof dns.lookup>): void {
  const [name, ...rest] = args;
  Reflect.apply(systemLookup, dns, [name.endsWith('.localhost') ? 'localhost' : name, ...rest]);
}

Object.assign(dns, { lookup });
