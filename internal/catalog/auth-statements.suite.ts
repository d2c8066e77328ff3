import { at } from './fixtures.suite.ts';
import { QUERIES } from './queries/table.ts';
import type { Work } from './step.ts';
import type { CommandArgs, CommandName } from './types.ts';

/** What runs a command or query, and notes its statements. */
export interface Runs {
  readonly command: <Name extends CommandName>(name: Name, args: CommandArgs<Name>) => Promise<void>;
  readonly query: (name: string, work: Work<unknown>) => Promise<void>;
}

const BINDING = { role: 'own', pattern: 'team/*' };

/** Every statement of who there is and who may do what: each is run, with the rows there that it looks for. */
export async function everyAuthStatement({ command, query }: Runs): Promise<void> {
  const user = { password: 'old', email: undefined, displayName: undefined, groups: ['dev'], roles: [BINDING] };
  await command('putRole', { ...at(), name: 'own', actions: ['pull'] });
  await command('putRole', { ...at(), name: 'free', actions: ['pull'] });
  await command('createUser', { ...at(), ...user, name: 'alice' });
  await command('updateUser', { ...at(), name: 'alice', groups: ['ops'], displayName: 'Alice' });
  await command('noteSignIns', { signIns: [{ name: 'alice', timeMs: 5 }] });
  const key = { repositories: ['team/*'], actions: ['push'], expiresMs: undefined };
  await command('createKey', { ...at(), ...key, name: 'hers', hash: 'h1', owner: 'alice' });
  await command('createKey', { ...at(), ...key, name: 'robot', hash: 'h2', owner: undefined });
  await command('updateKey', { ...at(), name: 'robot', expiresMs: 9 });
  await command('noteKeyUses', { uses: [{ name: 'robot', timeMs: 5 }] });
  await command('putBinding', { ...at(), ...BINDING, subject: 'key:robot', known: [] });
  await command('putBinding', { ...at(), ...BINDING, subject: 'key:hers', known: [] });
  const token = { subject: 'user:alice', generation: 1, scope: undefined, nowMs: 1, expiresMs: 2 };
  await command('addRefreshToken', { ...token, hash: 'r1' });
  await command('addRefreshToken', { ...token, hash: 'r2' });
  await command('revokeTokens', {
    ...at(),
    subject: 'user:alice',
    refreshHash: 'r1',
    access: { id: 't1', expiresMs: 2 },
  });
  const signing = { kid: 'k1', algorithm: 'EdDSA', publicJwk: '{}', privateJwk: '{}', createdMs: 1 };
  await command('rotateSigningKey', { key: signing, renewBeforeMs: 1, dropBeforeMs: 0 });
  await command('inviteUser', { ...at(), name: 'alice', hash: 'i1', expiresMs: 2000 });

  await query('authVersion', QUERIES.authVersion());
  await query('readPolicy', QUERIES.readPolicy());
  await query('findUser', QUERIES.findUser('alice'));
  await query('listUsers', QUERIES.listUsers({ limit: 10 }));
  await query('findKey', QUERIES.findKey('robot'));
  await query('findKeyByHash', QUERIES.findKeyByHash('h2'));
  await query('listKeys', QUERIES.listKeys({ limit: 10 }));
  await query('findRefreshToken', QUERIES.findRefreshToken('r2'));
  await query('isTokenRevoked', QUERIES.isTokenRevoked('t1'));
  await query('listSigningKeys', QUERIES.listSigningKeys());
  await query('findInvitation', QUERIES.findInvitation('i1', 1));

  await command('useOnce', { name: 'state', nowMs: 1, expiresMs: 2 });
  await command('useOnce', { name: 'state', nowMs: 3, expiresMs: 4 });
  const session = { userName: 'alice', generation: 1, createdMs: 1 };
  await command('openSession', { ...session, hash: 's1', nowMs: 1, expiresMs: 2 });
  await command('openSession', { ...session, hash: 's2', nowMs: 3, expiresMs: 4 });
  await command('closeSession', { hash: 's2' });
  await command('addRefreshToken', { ...token, hash: 'r3', scope: 'all' });
  await command('rotateRefreshToken', { hash: 'r3', newHash: 'r4', scope: 'all', nowMs: 1, expiresMs: 9 });
  const profile = { provider: 'idp', subject: '1', avatarUrl: undefined, organizations: [], teams: [] };
  const somebody = {
    ...at(),
    profile,
    email: undefined,
    displayName: undefined,
    names: ['alice', 'ada'],
    reserved: [],
  };
  await command('admitUser', { ...somebody, groups: ['idp:a'] });
  await command('admitUser', { ...somebody, groups: ['idp:b'], displayName: 'Ada' });
  await command('putWorkloadRule', { ...at(), name: 'ci', document: '{}' });
  await query('findProfile', QUERIES.findProfile('ada'));
  await query('findSession', QUERIES.findSession('s1', 1));
  await query('listWorkloadRules', QUERIES.listWorkloadRules());
  await command('deleteWorkloadRule', { ...at(), name: 'ci' });

  await command('acceptInvitation', { ...at(), hash: 'i1', password: 'new' });
  await command('deleteKey', { ...at(), name: 'robot' });
  await command('deleteBinding', { ...at(), ...BINDING, subject: 'user:alice' });
  await command('putBinding', { ...at(), ...BINDING, subject: 'user:alice', known: [] });
  await command('deleteUser', { ...at(), name: 'alice' });
  await command('deleteRole', { ...at(), name: 'free' });
  await command('expireTokens', { nowMs: 5000, limit: 9 });
}
