import { run, tryRun } from './run.ts';
import { CLIENTS, EVERYDAY, rowOf, type ClientName } from './client-table.ts';
import { findObstacle, findProgram, isRoot } from './clients.ts';
import { buildGoProgram } from './go-program.ts';

/*
 * Installs the clients that the tests drive, where it may: as root on Debian. It says what it does and is quiet where
 * nothing is missing. Elsewhere it only names what is missing: those tests are skipped. In CI that is a failure.
 */

const INSTALL_MS = 15 * 60_000;
const say = (line: string): void => void process.stdout.write(`e2e: ${line}\n`);
const REASON_LINES = 6; // a compiler that is too old complains about everything
const reasonOf = (failure: unknown): string =>
  (failure instanceof Error ? failure.message : String(failure)).split('\n').slice(0, REASON_LINES).join('\n');

async function installPackages(wanted: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: readonly string[]): Promise<string> =>
    run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], { env, timeoutMs: INSTALL_MS });
  await apt('update');
  const shown = await Promise.all(wanted.map((name) => tryRun('apt-cache', ['show', name])));
  const known = wanted.filter((_name, index) => shown[index]?.code === 0); // docker-cli is part of docker.io on older ones
  say(`apt-get install ${known.join(' ')}`);
  await apt('install', '-y', '--no-install-recommends', ...known);
}

/** Go as its makers install it, rather than an older one of the system's. */
const findGo = (): string | undefined => findProgram('go', '/usr/local/go/bin');

async function attempt(what: string, install: () => Promise<void>): Promise<void> {
  try {
    await install();
  } catch (failure) {
    say(`${what}: ${reasonOf(failure)}`);
  }
}

async function installMissing(missing: readonly ClientName[]): Promise<void> {
  const sources = missing.map((client) => rowOf(client).source);
  const packages = sources.flatMap((source) => (source.kind === 'debian' ? source.packages : []));
  const programs = missing.filter((client) => rowOf(client).source.kind === 'go');
  if (programs.length > 0 && !findGo()) packages.push('golang-go', 'ca-certificates');
  if (packages.length > 0) await attempt('apt-get', () => installPackages(packages));
  for (const client of programs) {
    const go = findGo();
    if (!go) return;
    say(`${client}: built by ${(await run(go, ['version'])).trim()}`);
    await attempt(`${client}, for which Go may be too old`, () => buildGoProgram(go, client));
  }
}

const asked = process.argv.slice(2).filter((name): name is ClientName => name in CLIENTS);
const wanted = [...new Set([...EVERYDAY, ...asked])];
const missing = wanted.filter(findObstacle);
if (missing.length > 0 && isRoot && findProgram('apt-get')) await installMissing(missing);
const obstacles = wanted.map(findObstacle).filter((obstacle) => obstacle !== undefined);
for (const obstacle of obstacles) say(obstacle);
if (obstacles.length > 0 && process.env['CI'] !== undefined) process.exitCode = 1;
