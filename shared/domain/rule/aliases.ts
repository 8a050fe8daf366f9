/**
 * Nouns that every policy understands unless it binds them itself. Each stands for the event that ends the thing:
 * `contract term plus 3 years` is three years after `contract.ended`.
 */
export const BUILT_IN_ALIASES: Readonly<Record<string, string>> = {
  contract: 'contract.ended',
  'contract term': 'contract.ended',
  subscription: 'subscription.ended',
  'subscription term': 'subscription.ended',
  account: 'account.closed',
  employment: 'employment.ended',
  disconnect: 'account.disconnected',
};
