import { CliError } from '../../internal/cli/index.ts';
import type { Credentials, Server } from './credentials.ts';

const UNKNOWN = 3;

/** With this server as the one that commands speak to, and its token in the contexts that name it. */
export function remember({ contexts }: Credentials, server: Server): Credentials {
  const updated = [...contexts].map(([name, one]) => [name, one.url === server.url ? server : one] as const);
  return { server, contexts: new Map(updated) };
}

export function getContext(contexts: Credentials['contexts'], name: string): Server {
  const found = contexts.get(name);
  if (found) return found;
  throw new CliError(`there is no context '${name}'`, {
    exitCode: UNKNOWN,
    hint: '`cola-regctl context list` shows those that there are.',
  });
}
