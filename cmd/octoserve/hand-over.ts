import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Invitation } from '../../internal/auth/index.ts';
import { CliError, type Io } from '../../internal/cli/index.ts';
import type { Config } from '../../internal/server/index.ts';

/** Where clients reach the server, as far as its configuration tells. */
function siteOf(config: Config): string {
  const url = config['server.public_url'];
  if (url !== undefined) return url;
  const scheme = config['server.tls.cert'] === undefined ? 'http' : 'https';
  return `${scheme}://${config['server.address']}:${config['server.port']}`;
}

/**
 * Hands over a link by which a user sets a password: shown to whoever looks at a terminal, else put into a file that
 * only its owner can read, so that it stays out of the logs of whatever runs the command.
 */
export async function handOver(io: Io, config: Config, name: string, { secret, expiresMs }: Invitation): Promise<void> {
  const link = `${siteOf(config)}/auth/invitation?token=${secret}`;
  const until = `It is good once, until ${new Date(expiresMs).toISOString()}.`;
  if (io.stdout.isTTY) {
    io.stdout.write(`${name} sets a password at ${link}\n${until}\n`);
    return;
  }
  const path = resolve(io.cwd, `invitation-${name}.txt`);
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(`${link}\n`);
    await file.close();
  } catch (cause) {
    throw new CliError(`The link could not be written to ${path}`, {
      hint: 'Remove a file of that name; `octoserve user invite` makes a new link.',
      cause,
    });
  }
  io.stdout.write(`The link by which ${name} sets a password is in ${path}. ${until}\n`);
}
