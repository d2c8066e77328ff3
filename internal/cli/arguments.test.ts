import { describe, expect, it } from '@jest/globals';
import { rewriteArguments } from './arguments.ts';

describe('rewriteArguments', () => {
  it.each<[string, string[], string[], Record<string, string>]>([
    ['leaves two dashes and single letters', ['--config', 'x', '-h'], ['--config', 'x', '-h'], {}],
    ['gives Go flags their second dash', ['-config', 'x', '-version'], ['--config', 'x', '--version'], {}],
    ['does so with a value attached', ['-config=a=b'], ['--config=a=b'], {}],
    ['leaves a letter with a value, and a lone dash', ['-c=x', '-', 'x-y'], ['-c=x', '-', 'x-y'], {}],
    ['takes a setting apart', ['serve', '--server.port=1', 'x'], ['serve', 'x'], { 'server.port': '1' }],
    ['takes the value after a setting', ['--server.port', '1', 'x'], ['x'], { 'server.port': '1' }],
    ['takes one with one dash', ['-log.level=debug'], [], { 'log.level': 'debug' }],
    ['switches one on that has no value', ['--log.requests', '--json'], ['--json'], { 'log.requests': 'true' }],
    ['keeps an empty value', ['--server.public_url='], [], { 'server.public_url': '' }],
    ['lets the last one win', ['--a.b=1', '--a.b=2'], [], { 'a.b': '2' }],
    ['stops at --', ['-a.b=1', '--', '-config', '--a.b=2'], ['--', '-config', '--a.b=2'], { 'a.b': '1' }],
    ['takes no file name for a setting', ['--config', 'my.file.json'], ['--config', 'my.file.json'], {}],
  ])('%s', (_, argv, rest, settings) => {
    expect(rewriteArguments(argv)).toEqual({ argv: rest, settings });
  });
});
