import { UsageError, type Io } from '../../internal/cli/index.ts';
import { invalid } from './exit-codes.ts';

/** What the command line says of who logs in. */
export interface AskedLogin {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly passwordIsPiped: boolean;
  readonly token: string | undefined;
  readonly tokenIsPiped: boolean;
}

const MENU = `How would you like to authenticate?
  1) Username and password
  2) JWT
Choice [1]: `;

/** The token that the command line gives, or that its user answers with: `user:password`, an API key, or a JWT. */
export async function askForToken(asked: AskedLogin, { stdin }: Io): Promise<string> {
  if (asked.token !== undefined) return needed(asked.token, 'token');
  const isNamed = asked.username !== undefined;
  if (!isNamed && (asked.password !== undefined || asked.passwordIsPiped)) {
    throw new UsageError('a password goes with --username');
  }
  if (isNamed && asked.password !== undefined) return pair(asked.username, asked.password);
  if (!stdin) throw new UsageError('there is no standard input to ask for credentials');
  if (asked.tokenIsPiped) return needed(await stdin.secret('Token: '), 'token');
  if (isNamed) return pair(asked.username, await stdin.secret('Password: '));
  const choice = ((await stdin.line(MENU)) ?? '').trim();
  if (choice === '2') return needed(await stdin.secret('Token: '), 'token');
  if (choice !== '' && choice !== '1') throw invalid(`there is no choice '${choice}'`);
  const username = await stdin.line('Username: ');
  return pair(needed(username?.trim(), 'username'), await stdin.secret('Password: '));
}

function pair(username: string, password: string | undefined): string {
  if (username.includes(':')) throw invalid('a username holds no colon');
  return `${needed(username, 'username')}:${needed(password, 'password')}`;
}

function needed(text: string | undefined, what: string): string {
  if (text === undefined || text === '') throw invalid(`${what} cannot be empty`);
  return text;
}
