/** How the vendors of the stories answer, by host; one that is not here does at once what it is asked for. */
export const demoVendors = { 'partner.example.com': 'when-chased' } as const;
