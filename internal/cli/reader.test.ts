import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createReader } from './reader.ts';

/** A stream that a person types into, as far as readline asks. */
function terminal() {
  const raw: boolean[] = [];
  const stream = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => void raw.push(on) });
  return { stream, raw };
}

/** What was written in front of a person. */
function screen() {
  const texts: string[] = [];
  return { texts, write: (text: string) => void texts.push(text) };
}

describe('the standard input', () => {
  it.each([
    ['secret\n', 'secret'],
    ['secret\r\nmore\n', 'secret'],
    ['no line feed', 'no line feed'],
    ['  kept  \n', '  kept  '],
    ['\n', ''],
    ['', undefined],
  ])('gives of %j the secret %j where nobody types, without a prompt', async (sent, expected) => {
    const shown = screen();
    const stream = new PassThrough();
    const asked = createReader(stream, shown).secret('Password: ');
    stream.end(sent);
    expect(await asked).toBe(expected);
    expect(shown.texts).toEqual([]);
  });

  it('asks a person, shows nothing of what is typed, and gives the terminal back', async () => {
    const shown = screen();
    const { stream, raw } = terminal();
    const asked = createReader(stream, shown).secret('Password: ');
    stream.write('secret\r');
    expect(await asked).toBe('secret');
    expect(shown.texts).toEqual(['Password: ', '\n']);
    expect(raw).toEqual([true, false]);
  });

  it('asks again for another', async () => {
    const { stream } = terminal();
    const reader = createReader(stream, screen());
    const first = reader.secret('');
    stream.write('one\r');
    expect(await first).toBe('one');
    const second = reader.secret('');
    stream.write('two\r');
    expect(await second).toBe('two');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('gives nothing where %s ends it', async (_, typed) => {
    const { stream } = terminal();
    const asked = createReader(stream, screen()).secret('');
    stream.write(typed);
    expect(await asked).toBeUndefined();
  });

  it('gives line after line of what was piped in at once', async () => {
    const stream = new PassThrough();
    const reader = createReader(stream, screen());
    stream.end('1\nalice\nsecret');
    const answers = [await reader.line('How? '), await reader.line('User: '), await reader.secret('Password: ')];
    expect(answers).toEqual(['1', 'alice', 'secret']);
    expect(await reader.line('More? ')).toBeUndefined();
  });

  it('rests between two questions, so that an open pipe keeps no process from ending', async () => {
    const stream = new PassThrough();
    const reader = createReader(stream, screen());
    stream.write('one\n');
    await reader.line('');
    expect(stream.isPaused()).toBe(true);
    stream.write('two\n');
    expect(await reader.line('')).toBe('two');
  });

  it('asks a person for a line that is shown', async () => {
    const shown = screen();
    const { stream } = terminal();
    const asked = createReader(stream, shown).line('User: ');
    stream.write('alice\n');
    expect(await asked).toBe('alice');
    expect(shown.texts).toEqual(['User: ']);
  });
});
