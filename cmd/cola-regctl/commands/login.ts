import { usernameOf } from '../answers.ts';
import type { Call, RegctlCommand } from '../command.ts';
import { remember } from '../contexts.ts';
import { invalid } from '../exit-codes.ts';
import { askForToken, type AskedLogin } from '../login-questions.ts';
import { findUrl, parseUrl } from '../session.ts';
import { done } from '../texts.ts';

export const login: RegctlCommand = {
  name: 'login',
  summary: 'Tries credentials at a registry, and keeps them for later commands.',
  example: 'echo "$PASSWORD" | cola-regctl login http://localhost:8080 --username alice --password-stdin',
  arguments: ['[url]'],
  options: [
    { flags: '--username <name>', doc: 'the user' },
    { flags: '--user <name>', doc: 'the same as --username' },
    { flags: '--password <password>', doc: 'its password, which other users of this machine may see' },
    { flags: '--password-stdin', doc: 'its password is the first line of the standard input' },
    { flags: '--token-stdin', doc: 'an API key or JWT is the first line of the standard input' },
  ],
  action: 'log in',
  async run(call) {
    const store = await call.credentials();
    const before = await store.load();
    const [asked] = call.arguments;
    const url = (asked === undefined ? findUrl(call.serverUrl, call.io.env) : parseUrl(asked)) ?? before.server?.url;
    if (url === undefined) throw invalid('no registry URL', 'Name it: `cola-regctl login http://localhost:8080`.');
    const token = await askForToken(askedOf(call), call.io);
    const user = usernameOf(await call.apiAt(url, token).send({ method: 'GET', path: ['whoami'] }));
    await store.save(remember(before, { url, token }));
    return { text: done(`Logged in to ${url} as ${user}`), data: { server: url, user } };
  },
};

function askedOf(call: Call): AskedLogin {
  return {
    username: call.flag('username') ?? call.flag('user'),
    password: call.flag('password'),
    passwordIsPiped: call.isSet('passwordStdin'),
    token: call.flag('token'),
    tokenIsPiped: call.isSet('tokenStdin'),
  };
}
