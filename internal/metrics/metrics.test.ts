import { describe, expect, it, jest } from '@jest/globals';
import { createMetrics, exposeMerged } from './metrics.ts';

describe('createMetrics', () => {
  it('shows counters, gauges and histograms in Prometheus text', async () => {
    const metrics = createMetrics();
    metrics.counter('requests_total', 'Requests.', ['method']).with({ method: 'GET' }).add(2);
    metrics.gauge('sessions', 'Open sessions.').with({}).add(3);
    const durations = metrics.histogram('seconds', 'Durations.', ['op'], [0.1, 1]).with({ op: 'get' });
    durations.observe(0.05);
    durations.observe(0.5);
    durations.observe(5);
    const { contentType, text } = await metrics.expose();
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text.split('\n').filter((line) => line !== '')).toEqual([
      '# HELP requests_total Requests.',
      '# TYPE requests_total counter',
      'requests_total{method="GET"} 2',
      '# HELP sessions Open sessions.',
      '# TYPE sessions gauge',
      'sessions 3',
      '# HELP seconds Durations.',
      '# TYPE seconds histogram',
      'seconds_bucket{le="0.1",op="get"} 1',
      'seconds_bucket{le="1",op="get"} 2',
      'seconds_bucket{le="+Inf",op="get"} 3',
      'seconds_sum{op="get"} 5.55',
      'seconds_count{op="get"} 3',
    ]);
  });

  it('counts a value that is a bound as one below it, and one beyond all only in the last bucket', async () => {
    const metrics = createMetrics();
    const sizes = metrics.histogram('bytes', 'Sizes.', [], [1, 10]).with({});
    for (const value of [1, 10, 10.5]) sizes.observe(value);
    const { text } = await metrics.expose();
    expect(text.match(/^bytes.*$/gm)).toEqual([
      'bytes_bucket{le="1"} 1',
      'bytes_bucket{le="10"} 2',
      'bytes_bucket{le="+Inf"} 3',
      'bytes_sum 21.5',
      'bytes_count 3',
    ]);
  });

  it('keeps series apart whose values only look alike when they are put together', async () => {
    const metrics = createMetrics();
    const counter = metrics.counter('a_total', 'A.', ['x', 'y']);
    counter.with({ x: 'a,b', y: 'c' }).add(1);
    counter.with({ x: 'a', y: 'b,c' }).add(2);
    const { text } = await metrics.expose();
    expect(text).toContain('a_total{x="a,b",y="c"} 1');
    expect(text).toContain('a_total{x="a",y="b,c"} 2');
  });

  it('holds nothing that was not declared', async () => {
    expect((await createMetrics().expose()).text.trim()).toBe('');
  });

  it('shows a counter from zero once its labels are bound', async () => {
    const metrics = createMetrics();
    metrics.counter('errors_total', 'Errors.', ['type']).with({ type: 'unknown' });
    expect((await metrics.expose()).text).toContain('errors_total{type="unknown"} 0');
  });

  it('counts on in the same series when labels are bound again', async () => {
    const metrics = createMetrics();
    const counter = metrics.counter('a_total', 'A.', ['x']);
    counter.with({ x: '1' }).add(1);
    counter.with({ x: '1' }).add(1);
    expect((await metrics.expose()).text).toContain('a_total{x="1"} 2');
  });

  it('collects a gauge each time somebody looks', async () => {
    const metrics = createMetrics();
    let tags = 1;
    metrics.gauge('tags', 'Tags.', { collect: (gauge) => gauge.with({}).set(tags) });
    expect((await metrics.expose()).text).toContain('tags 1');
    tags = 5;
    expect((await metrics.expose()).text).toContain('tags 5');
  });

  it('answers with the last values where collecting fails, and tells of it', async () => {
    const onCollectError = jest.fn();
    const metrics = createMetrics({ onCollectError });
    const failure = new Error('busy');
    const gauge = metrics.gauge('tags', 'Tags.', { collect: () => Promise.reject(failure) });
    gauge.with({}).set(7);
    expect((await metrics.expose()).text).toContain('tags 7');
    expect(onCollectError.mock.calls).toEqual([['tags', failure]]);
  });

  it('refuses a name that is taken', () => {
    const metrics = createMetrics();
    metrics.counter('a_total', 'A.', []);
    expect(() => metrics.gauge('a_total', 'A.')).toThrow(/already been registered/);
  });

  it('keeps two instances apart', async () => {
    const [one, two] = [createMetrics(), createMetrics()];
    one.counter('a_total', 'A.', []).with({}).add(1);
    two.counter('a_total', 'A.', []).with({}).add(5);
    expect((await one.expose()).text).toContain('a_total 1');
  });
});

describe('exposeMerged', () => {
  it('adds up the processes, and merges a gauge as it says', async () => {
    const snapshots = await Promise.all(
      [1, 2].map((factor) => {
        const metrics = createMetrics();
        metrics.counter('a_total', 'A.', ['x']).with({ x: 'both' }).add(factor);
        metrics
          .counter('b_total', 'B.', ['x'])
          .with({ x: `only ${factor}` })
          .add(factor);
        metrics.histogram('h', 'H.', ['x'], [1, 10]).with({ x: 'y' }).observe(factor);
        metrics.gauge('sessions', 'S.').with({}).set(factor);
        metrics.gauge('disk', 'D.', { merge: 'max' }).with({}).set(factor);
        return metrics.snapshot();
      }),
    );
    const { text } = await exposeMerged(structuredClone(snapshots));
    for (const line of [
      'a_total{x="both"} 3',
      'b_total{x="only 1"} 1',
      'b_total{x="only 2"} 2',
      'h_bucket{le="1",x="y"} 1',
      'h_bucket{le="10",x="y"} 2',
      'h_bucket{le="+Inf",x="y"} 2',
      'h_sum{x="y"} 3',
      'h_count{x="y"} 2',
      'sessions 3',
      'disk 2',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('says of one process what that process says', async () => {
    const metrics = createMetrics();
    metrics.counter('a_total', 'A.', ['x']).with({ x: 'quoted "\\\n' }).add(1);
    const merged = await exposeMerged([await metrics.snapshot()]);
    expect(merged).toEqual(await metrics.expose());
  });
});
