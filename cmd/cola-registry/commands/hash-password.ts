import { CliError, type Command, type Reader } from '../../../internal/cli/index.ts';

export const hashPassword: Command = {
  name: 'auth hash-password',
  summary: 'Makes the hash of a password, for a file of users.',
  example: 'printf \'%s\\n\' "$PASSWORD" | cola-registry auth hash-password',
  async run(_input, { stdin, stdout }) {
    const { hashBcrypt, LONGEST_BCRYPT_BYTES } = await import('../../../internal/auth/index.ts');
    if (!stdin) throw new CliError('there is no standard input to read a password from');
    const password = await readPassword(stdin);
    if (password === '') throw new CliError('password cannot be empty');
    if (Buffer.byteLength(password) > LONGEST_BCRYPT_BYTES) {
      throw new CliError(`password cannot be longer than ${LONGEST_BCRYPT_BYTES} bytes: bcrypt knows no more of one`);
    }
    const hash = await hashBcrypt(password);
    stdout.write(stdin.isTTY ? `Password hash:\n${hash}\n` : `${hash}\n`);
    return 0;
  },
};

async function readPassword(stdin: Reader): Promise<string> {
  const password = (await stdin.secret('Enter password: ')) ?? '';
  if (stdin.isTTY && password !== '' && (await stdin.secret('Confirm password: ')) !== password) {
    throw new CliError('the passwords differ');
  }
  return password;
}
