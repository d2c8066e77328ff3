import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';
import type { Fields, LogFormat, LogStyle } from './types.ts';

const STYLE: LogStyle = {
  messageKeys: ['message', 'msg'],
  levelOf: (level) => level,
  withMilliseconds: false,
  fields: {},
};

const FIELDS: readonly Fields[] = [
  {},
  { method: 'GET', status: 200, ok: true, none: undefined, empty: '' },
  { agent: 'a"b\\c\n\u2028\ud800 d', 'k"e y\n': 'ü' },
  { nan: Number.NaN, infinite: Infinity, minus: -0, large: 1e21, small: 1e-7 },
  { long: 'a'.repeat(5000) },
  { before: 1, '2': 'two', '1': 'one' },
  { status: 200, msg: 'fake', message: 'fake', level: 'fake', time: 'fake' },
  { path: '/', password: 'hunter2', token: '***', key: 7, authorization: true },
  { path: '/', nested: { password: 'hunter2', list: [1, 'two'] }, nil: null },
  { causes: 'mine', error: new Error('outer', { cause: 'inner' }) },
];

function write(fields: Fields, format: LogFormat, style?: LogStyle) {
  const lines: string[] = [];
  const log = createLogger({ level: 'info', format, style, write: (line) => lines.push(line), now: () => 0 });
  log.info('a "message"', fields);
  log.child({ nothing: undefined }).info('a "message"', fields); // which takes the way of a record
  return lines;
}

describe('createLineWriter', () => {
  it.each(['json', 'text'] as const)(
    'writes plain fields in %s as it writes those that are made a record',
    (format) => {
      for (const style of [undefined, STYLE]) {
        for (const fields of FIELDS) {
          const [straight, record] = write(fields, format, style);
          expect(straight).toBe(record);
          expect(straight).not.toContain('hunter2');
        }
      }
    },
  );

  it.each(FIELDS)('writes %p in valid JSON that names nothing twice', (fields) => {
    const [line = ''] = write(fields, 'json');
    const names = Object.keys(JSON.parse(line) as object);
    for (const name of names) expect(line.split(`${JSON.stringify(name)}:`).length - 1).toBe(1);
  });

  it('keeps a secret back each time, not only when its name is new', () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', format: 'json', write: (line) => lines.push(line) });
    for (let count = 0; count < 3; count += 1) log.info('x', { client_secret: 'hunter2' });
    expect(lines.map((line) => (JSON.parse(line) as Fields)['client_secret'])).toEqual(Array(3).fill('REDACTED'));
  });
});
