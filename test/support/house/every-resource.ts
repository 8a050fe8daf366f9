/** Why a statement may name every resource: by its Sid, or by the policy that contains it. */
export const EVERY_RESOURCE: Readonly<Record<string, string>> = {
  Administration: 'in the policy of a key, `*` is the key',
  Archive: 'in the policy of a key, `*` is the key',
  ArchiveKey: 'in the policy of a key, `*` is the key',
  Alarms: 'in the policy of a key, `*` is the key',
  Logs: 'in the policy of a key, `*` is the key',
  Sealing: 'in the policy of a key, `*` is the key',
  Services: 'in the policy of a key, `*` is the key',
  Network: 'EC2 knows no resource for the interfaces of a function that is about to enter a network',
};
