import { runCommand, startServer, type ServerProcess } from './server-process.ts';

export const MODES = ['token', 'basic'] as const;
export type Mode = (typeof MODES)[number];

export const PASSWORD = 'correct horse battery';

const ROLES = { alice: 'maintainer', carol: 'reader' } as const;

/**
 * A server that asks who comes: alice maintains team/** and public/**, carol reads there, bob may nothing; anybody may
 * pull from public/**. The first admin came by the command beside it, the others through it, as an operator adds them.
 */
export async function startLoginServer(mode: Mode): Promise<ServerProcess> {
  const server = await startServer({ 'auth.mode': mode, 'auth.anonymous': 'public/**' });
  await octoserve(server, ['user', 'add', 'root', '--admin'], PASSWORD);
  for (const [name, role] of Object.entries({ ...ROLES, bob: undefined })) {
    const roles = role === undefined ? [] : ['team/**', 'public/**'].map((pattern) => ({ role, pattern }));
    const answer = await fetch(`${server.url}/admin/users`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`root:${PASSWORD}`).toString('base64')}` },
      body: JSON.stringify({ name, password: PASSWORD, roles }),
    });
    if (answer.status !== 201) throw new Error(`${name} was not added: ${answer.status} ${await answer.text()}`);
  }
  return server;
}

/** Runs a command of the program on the server's stores, beside it; what it printed. */
export async function octoserve({ folder }: ServerProcess, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await runCommand(args, { 'storage.path': folder }, `${input}\n`);
  if (code !== 0) throw new Error(`octoserve ${args.join(' ')} ended with ${code}\n${stdout}${stderr}`);
  return stdout.trim();
}
