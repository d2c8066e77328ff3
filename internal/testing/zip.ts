import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip for tests: what it says of itself may be a lie. */
export interface ZipEntry {
  /** A folder ends in a slash. */
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly isDeflated?: boolean;
  /** The size that the directory says it unpacks to. */
  readonly claimedSize?: number;
  /** Where the directory says it begins. */
  readonly claimedOffset?: number;
  readonly isEncrypted?: boolean;
}

/** A zip of these entries, in this order, without any that they do not name. */
export function makeZip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '', isDeflated = false, claimedSize, claimedOffset, isEncrypted = false } of entries) {
    const data = Buffer.from(content);
    const packed = isDeflated ? deflateRawSync(data) : data;
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0); // version needed
    head.writeUInt16LE(isEncrypted ? 0x801 : 0x800, 2); // names are UTF-8
    head.writeUInt16LE(isDeflated ? 8 : 0, 4);
    head.writeUInt32LE(crc32(data), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(claimedSize ?? data.length, 18);
    head.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((name.endsWith('/') ? 0o040755 : 0o100755) * 0x10000, 6);
    tail.writeUInt32LE(claimedOffset ?? offset, 10);
    const made = Buffer.from([20, 3]); // on Unix
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), made, head, tail, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

/** A package that command-launcher installs: one command, `bin/<name>.sh`. */
export function makePackage(pkgName: string, version: string, more: readonly ZipEntry[] = []): Buffer {
  const command = {
    name: pkgName,
    type: 'executable',
    short: 'say hello',
    executable: `{{.PackageDir}}/bin/${pkgName}.sh`,
  };
  return makeZip([
    { name: 'manifest.mf', content: JSON.stringify({ pkgName, version, cmds: [command] }) },
    { name: 'bin/' },
    { name: `bin/${pkgName}.sh`, content: `#!/bin/sh\necho hello from ${pkgName} ${version}\n`, isDeflated: true },
    ...more,
  ]);
}
