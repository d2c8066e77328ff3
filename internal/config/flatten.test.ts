import { describe, expect, it } from '@jest/globals';
import { detectDialect } from './dialect.ts';
import type { Tree } from './file.ts';
import { flatten } from './flatten.ts';

const KNOWN = new Set(['server.port', 'server.tls.cert', 'log.level']);
const run = (tree: Tree) => {
  const { settings, unknown, problems } = flatten(tree, KNOWN, detectDialect('a.json', tree, KNOWN));
  return { settings: Object.fromEntries(settings), unknown, problems };
};
const NOTHING = { settings: {}, unknown: [], problems: [] };

describe('flatten', () => {
  it('finds settings within sections, and by their whole name', () => {
    const tree = { server: { port: 1, tls: { cert: 'x' } }, 'log.level': 'info' };
    expect(run(tree).settings).toEqual({ 'server.port': 1, 'server.tls.cert': 'x', 'log.level': 'info' });
  });

  it('takes a null for nothing said', () => {
    expect(run({ server: { port: null, tls: null } })).toEqual(NOTHING);
  });

  it('lets an editor have its $schema', () => {
    expect(run({ $schema: './x.json' })).toEqual(NOTHING);
  });

  it.each<[Tree, string]>([
    [{ server: { prot: 1 } }, 'server.prot'],
    [{ servers: { port: 1, more: { and: 'more' } } }, 'servers'],
    [{ server: { $schema: 'x' } }, 'server.$schema'],
    [JSON.parse('{"__proto__": {"port": 1}}') as Tree, '__proto__'],
    [{ constructor: 1 }, 'constructor'],
  ])('names what is unknown in %j', (tree, name) => {
    expect(run(tree)).toEqual({ ...NOTHING, unknown: [name] });
  });

  it.each<[Tree, string]>([
    [{ server: 5 }, 'server is a section, not a setting'],
    [{ server: [{ port: 1 }] }, 'server is a section, not a setting'],
    [{ server: { port: { value: 1 } } }, 'server.port is a setting, not a section'],
    [{ server: { port: 1 }, 'server.port': 2 }, 'server.port is set twice'],
    [{ log: { level: 'info' }, logging: { level: 'info' } }, 'logging.level is set twice'],
  ])('refuses the shape of %j', (tree, problem) => {
    expect(run(tree).problems).toEqual([problem]);
  });

  it('reads the logging section of the contract as log', () => {
    expect(run({ logging: { level: 'debug', colour: 1 } })).toEqual({
      settings: { 'log.level': 'debug' },
      unknown: ['logging.colour'],
      problems: [],
    });
  });
});
