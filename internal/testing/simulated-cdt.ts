import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBufferPromise } from 'yauzl';
import { compareAsClient } from './client-order.ts';

/**
 * Command Launcher, which cannot be had here, simulated as contracts describe it: the same requests, the same checks.
 * Of its commands it runs only those of packages.
 */
export interface SimulatedCdt {
  /** Reads the index and installs, upgrades, downgrades and removes; what it did, a line each. */
  update(): Promise<readonly string[]>;
  /** The versions that are installed, by package. */
  installed(): Promise<Readonly<Record<string, string>>>;
  /** Runs a command of an installed package; what it printed. */
  run(command: string): Promise<string>;
}

export interface CdtOptions {
  /** `http://HOST/api/v1/registry/ops`; a user and password in it go along with the index alone. */
  readonly base: string;
  /** Where packages are installed. */
  readonly folder: string;
  /** `verify_package_checksum` */
  readonly verifies?: boolean;
  /** 0 to 9: a hash of the machine. */
  readonly partition?: number;
  readonly hasInternal?: boolean;
  readonly hasExperimental?: boolean;
}

interface Entry {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly checksum: string;
  readonly startPartition: number;
  readonly endPartition: number;
}

interface PackageManifest {
  readonly pkgName: string;
  readonly version: string;
  readonly cmds: readonly { readonly name: string; readonly executable: string; readonly args?: readonly string[] }[];
}

/** `self_update_timeout`: the whole index within so long, or no update this time. */
const BUDGET_MS = 2000;

/** Go's decoding into bytes and strings: one wrong value, and the whole index is refused. */
function decode(text: string): readonly Entry[] {
  const value = JSON.parse(text) as readonly Readonly<Record<string, unknown>>[] | null;
  return (value ?? []).map((one) => {
    const byte = (field: string, usual: number): number => {
      const given = one[field] ?? usual;
      if (typeof given !== 'number' || !Number.isInteger(given) || given < 0 || given > 255) {
        throw new Error(`cannot decode ${field}`);
      }
      return given;
    };
    const word = (field: string): string => {
      const given = one[field] ?? '';
      if (typeof given !== 'string') throw new Error(`cannot decode ${field}`);
      return given;
    };
    return {
      name: word('name'),
      version: word('version'),
      url: word('url'),
      checksum: word('checksum'),
      startPartition: byte('startPartition', 0),
      endPartition: byte('endPartition', 9),
    };
  });
}

export function createSimulatedCdt(options: CdtOptions): SimulatedCdt {
  const { base, folder, verifies = true, partition = 4, hasInternal = false, hasExperimental = false } = options;

  const isVisible = ({ startPartition: start, endPartition: end }: Entry): boolean =>
    (start <= partition && partition <= end) ||
    (hasInternal && start >= 11 && start <= 19) ||
    (hasExperimental && start >= 21);

  async function readIndex(): Promise<readonly Entry[]> {
    const url = new URL(`${base}/index.json`);
    const { username, password } = url;
    [url.username, url.password] = ['', ''];
    const headers = {
      'user-agent': 'Go-http-client/1.1',
      'accept-encoding': 'gzip',
      ...(username !== '' && {
        authorization: `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`,
      }),
    };
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(BUDGET_MS) });
    if (answer.status !== 200) throw new Error(`the index answered ${answer.status}`);
    return decode(await answer.text());
  }

  async function download({ url, name, version }: Entry): Promise<Buffer> {
    const from = url === '' ? `${base}/${name}-${version}.pkg` : url;
    if (!from.startsWith('http')) throw new Error(`${from} is no URL`);
    const answer = await fetch(from, { headers: { 'user-agent': 'Command Launcher' } });
    if (!answer.ok) throw new Error(`${name} ${version}: the package answered ${answer.status}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const length = answer.headers.get('content-length');
    if (length !== null && Number(length) !== bytes.length) throw new Error(`${name} ${version}: it is cut off`);
    return bytes;
  }

  async function unpack(bytes: Buffer, to: string): Promise<void> {
    const zip = await fromBufferPromise(bytes, { lazyEntries: true });
    await mkdir(to);
    for await (const entry of zip.eachEntry()) {
      const path = join(to, entry.fileName);
      if (entry.fileName.endsWith('/')) await mkdir(path);
      else {
        const chunks: Uint8Array[] = [];
        for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Uint8Array);
        // Fails where its folder was no entry of its own before it.
        await writeFile(path, Buffer.concat(chunks), { mode: (entry.externalFileAttributes >>> 16) & 0o777 });
      }
    }
  }

  async function install(entry: Entry, index: readonly Entry[]): Promise<void> {
    const bytes = await download(entry);
    const aside = join(folder, `.${entry.name}`);
    await rm(aside, { recursive: true, force: true });
    await unpack(bytes, aside);
    const { pkgName, version } = JSON.parse(await readFile(join(aside, 'manifest.mf'), 'utf8')) as PackageManifest;
    const listed = index.find((one) => one.name === pkgName && one.version === version);
    if (!listed) throw new Error(`${entry.name} ${entry.version}: its manifest says ${pkgName} ${version}`);
    if (verifies && createHash('sha256').update(bytes).digest('hex') !== listed.checksum) {
      throw new Error(`${entry.name} ${entry.version}: the checksum does not match`);
    }
    const to = join(folder, pkgName);
    await rm(to, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await unpack(bytes, to);
    await rm(aside, { recursive: true, force: true });
  }

  async function manifests(): Promise<readonly PackageManifest[]> {
    const names = existsSync(folder) ? (await readdir(folder)).filter((name) => !name.startsWith('.')) : [];
    const texts = names.map((name) => readFile(join(folder, name, 'manifest.mf'), 'utf8'));
    return (await Promise.all(texts)).map((text) => JSON.parse(text) as PackageManifest);
  }

  const installed = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries((await manifests()).map(({ pkgName, version }) => [pkgName, version]));

  return {
    installed,
    async update() {
      await mkdir(folder, { recursive: true });
      const index = await readIndex();
      const picked = new Map<string, Entry>();
      for (const entry of index.filter(isVisible)) {
        const other = picked.get(entry.name);
        if (!other || compareAsClient(entry.version, other.version) > 0) picked.set(entry.name, entry);
      }
      const did: string[] = [];
      const had = await installed();
      for (const name of Object.keys(had).filter((each) => !picked.has(each))) {
        await rm(join(folder, name), { recursive: true });
        did.push(`removed ${name}`);
      }
      for (const entry of picked.values()) {
        if (had[entry.name] === entry.version) continue;
        try {
          await install(entry, index);
          did.push(`installed ${entry.name} ${entry.version}`);
        } catch (failure) {
          did.push(`paused ${(failure as Error).message}`);
        }
      }
      return did;
    },
    async run(command) {
      for (const { pkgName, cmds } of await manifests()) {
        const found = cmds.find(({ name }) => name === command);
        if (found)
          return startProgram(found.executable.replaceAll('{{.PackageDir}}', join(folder, pkgName)), found.args ?? []);
      }
      throw new Error(`there is no command ${command}`);
    },
  };
}

function startProgram(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.once('error', reject);
    child.once('close', () => resolve(printed));
  });
}
