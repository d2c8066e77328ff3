import type { RegctlCommand } from '../command.ts';
import { done } from '../texts.ts';

export const logout: RegctlCommand = {
  name: 'logout',
  summary: 'Forgets the server of the last login, and its token.',
  example: 'cola-regctl logout',
  action: 'log out',
  async run(call) {
    const store = await call.credentials();
    const { server, contexts } = await store.load();
    const kept = [...contexts].map(([name, one]) => [name, one.url === server?.url ? { url: one.url } : one] as const);
    await store.save({ contexts: new Map(kept) });
    return { text: done('Logged out successfully'), data: { logged_out: true } };
  },
};
