import { builtinModules } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';

const RANKS = [
  ['pkg/oci'],
  [
    'pkg/client',
    'internal/config',
    'internal/log',
    'internal/metrics',
    'internal/cli',
    'internal/files',
    'internal/outbound',
    'internal/jobs',
  ],
  ['internal/storage', 'internal/catalog', 'internal/documents'],
  ['internal/registry'],
  ['internal/artifacts', 'internal/gc', 'internal/auth', 'internal/signing', 'internal/optimize'],
  ['internal/http', 'internal/maintenance'],
  ['internal/api', 'internal/admin', 'internal/facades', 'internal/webui'],
  ['internal/server'],
  ['cmd', 'internal/bundle'],
];
const RANK = new Map(RANKS.flatMap((rooms, rank) => rooms.map((room) => [room, rank])));
// Rooms made of interchangeable parts, each with its shared subfolders: a part never imports its sibling.
const PARTED = new Map([
  ['internal/storage', []],
  ['internal/catalog', ['commands', 'queries', 'migrations']],
  ['internal/documents', []],
  ['internal/facades', []],
  ['cmd', []],
]);
// Surfaces reach content through registry and artifacts, never around them.
const BARRED = [[/^internal\/(api|admin|facades|webui)$/, /^internal\/(storage|catalog)$/]];
const FENCES = [
  [
    /^express$/,
    ['internal/http', 'internal/api', 'internal/admin', 'internal/facades', 'internal/webui', 'internal/server'],
  ],
  [/^multer$/, ['internal/http']],
  [/^@aws-sdk\//, ['internal/storage/s3', 'internal/documents/s3']],
  [/^pg(-|$)/, ['internal/catalog/postgres']],
  [/^node:sqlite$/, ['internal/catalog/sqlite', 'internal/maintenance/foundry-folder']],
  [/^jose$/, ['internal/auth', 'internal/signing']],
  [/^convict$/, ['internal/config']],
  [/^pino(-|$)/, ['internal/log']],
  [/^kysely$/, ['internal/catalog']],
  [/^commander$/, ['internal/cli']],
  [/^prom-client$/, ['internal/metrics']],
  [/^(yaml|smol-toml)$/, ['internal/config']],
  [/^ipaddr\.js$/, ['internal/http', 'internal/outbound']],
  [/^undici$/, ['internal/outbound']],
  [/^bcryptjs$/, ['internal/auth']],
  [/^openid-client$/, ['internal/auth']],
  [/^rate-limiter-flexible$/, ['internal/auth']],
  [/^zod(\/|$)/, ['internal/admin']],
  [/^esbuild$/, ['internal/bundle']],
  [/^yauzl$/, ['internal/facades/cola']],
  [
    /^node:fs(\/promises)?$/,
    [
      'internal/files',
      'internal/storage/fs',
      'internal/documents/file',
      'internal/maintenance/foundry-folder',
      'internal/config',
      'internal/server',
      'internal/webui',
      'internal/bundle',
      'cmd',
    ],
  ],
];

const ROOT = resolve(import.meta.dirname, '../..');
const inside = (path, folder) => path === folder || path.startsWith(`${folder}/`);
const roomOf = (path) => [...RANK.keys()].find((room) => inside(path, room));
const partOf = (path, room) => {
  const [folder, file] = path.slice(room.length + 1).split('/');
  return file === undefined || PARTED.get(room).includes(folder) ? undefined : folder;
};

function complaint(from, spec) {
  const isTest = /\.(test|suite)\.ts$/.test(from);
  const room = roomOf(from);
  if (!room) return inside(from, 'internal/testing') ? undefined : `${from} is in no room: give its folder a rank`;
  if (!spec.startsWith('.')) {
    if (isTest) return undefined;
    if (!spec.startsWith('node:') && builtinModules.includes(spec)) return `write node:${spec}`;
    if (room === 'pkg/oci' && spec !== 'node:crypto') return `pkg/oci does no I/O: not ${spec}`;
    const fence = FENCES.find(([name]) => name.test(spec));
    return fence && !fence[1].some((door) => inside(from, door))
      ? `${spec} belongs to ${fence[1].join(', ')}`
      : undefined;
  }
  const to = relative(ROOT, resolve(ROOT, dirname(from), spec))
    .split(sep)
    .join('/');
  if (inside(to, 'internal/testing')) return isTest ? undefined : 'only tests import internal/testing';
  if (!isTest && /\.(test|suite)\.ts$/.test(to)) return 'only tests import a suite';
  const target = roomOf(to);
  if (!target) return `${to} is in no room`;
  if (isTest) return undefined;
  if (target !== room) {
    if (RANK.get(target) >= RANK.get(room))
      return `${room} (rank ${RANK.get(room)}) may not import ${target} (rank ${RANK.get(target)})`;
    if (BARRED.some(([a, b]) => a.test(room) && b.test(target)))
      return `${room} goes through registry or artifacts, not ${target}`;
    return to === `${target}/index.ts` ? undefined : `enter ${target} through its index.ts`;
  }
  if (!PARTED.has(room)) return undefined;
  const [here, there] = [partOf(from, room), partOf(to, room)];
  if (here && there && here !== there) return `${room}/${here} may not import its sibling ${there}`;
  return !here && there && from !== `${room}/index.ts` ? `only ${room}/index.ts names its parts` : undefined;
}

const ranks = {
  create(context) {
    const from = relative(ROOT, context.filename).split(sep).join('/');
    const check = (node) => {
      const message = typeof node.source?.value === 'string' ? complaint(from, node.source.value) : undefined;
      if (message) context.report({ node: node.source, message });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportAllDeclaration: check,
      ExportNamedDeclaration: check,
    };
  },
};
export default { meta: { name: 'layers' }, rules: { ranks } };
