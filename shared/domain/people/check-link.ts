import { refused } from '../checked.ts';
import type { Configuration } from '../configuration/configuration.ts';
import { checkEntity, type Permitted } from '../configuration/permission.ts';
import type { SentLink } from '../record/incoming.ts';

/** A producer says only of its own entities whose they are, and only where the configuration says that they identify such a one. */
export function checkLink(
  configuration: Configuration,
  producer: string,
  { entity, linked }: SentLink,
): Permitted<undefined> {
  const person = checkEntity(configuration, producer, entity, 'data.entity');
  if (!person.ok) return person;
  const account = checkEntity(configuration, producer, linked, 'data.linked');
  if (!account.ok) return account;
  return account.value.identifies === entity.type
    ? { ok: true, value: undefined }
    : refused('LINK_NOT_DECLARED', 'data.linked.type');
}
