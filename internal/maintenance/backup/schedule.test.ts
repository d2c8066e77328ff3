import { describe, expect, it } from '@jest/globals';
import { nextBackupMs, parseSchedule } from './schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the schedule of backups', () => {
  it.each([
    ['24h', { kind: 'every', ms: DAY }],
    ['90m', { kind: 'every', ms: 1.5 * HOUR }],
    ['daily at 03:00', { kind: 'daily', atMs: 3 * HOUR }],
    ['23:59', { kind: 'daily', atMs: DAY - 60_000 }],
    ['24:00', undefined],
    ['3:00', undefined],
    ['0', undefined],
    ['10s', undefined],
    ['hourly', undefined],
  ])('reads %s', (text, schedule) => {
    expect(parseSchedule(text)).toEqual(schedule);
  });

  const every = { kind: 'every', ms: DAY } as const;
  const daily = { kind: 'daily', atMs: 3 * HOUR } as const;
  const noon = 10 * DAY + 12 * HOUR;
  it.each([
    ['at once where there was none', every, { goodMs: 0, triedMs: 0 }, 0],
    ['a day after the last good one began', every, { goodMs: noon, triedMs: noon }, noon + DAY],
    ['at the next time of day', daily, { goodMs: noon, triedMs: noon }, 11 * DAY + 3 * HOUR],
    ['on the same day where that is still to come', daily, { goodMs: 10 * DAY, triedMs: 0 }, 10 * DAY + 3 * HOUR],
    [
      'a day later where it was made on the minute',
      daily,
      { goodMs: 10 * DAY + 3 * HOUR, triedMs: 0 },
      11 * DAY + 3 * HOUR,
    ],
    ['ten minutes after a failure', every, { goodMs: noon, triedMs: noon + 2 * DAY }, noon + 2 * DAY + HOUR / 6],
    ['ten minutes after a first failure', every, { goodMs: 0, triedMs: noon }, noon + HOUR / 6],
    ['no sooner for a failure by hand', every, { goodMs: noon, triedMs: noon + HOUR }, noon + DAY],
  ])('has the next one due %s', (_, schedule, past, due) => {
    expect(nextBackupMs(schedule, past)).toBe(due);
  });
});
