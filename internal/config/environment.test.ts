import { describe, expect, it } from '@jest/globals';
import { readEnvironment } from './environment.ts';
import { CORE_OPTIONS } from './options.ts';

const read = (env: Record<string, string>) => {
  const { settings, ...rest } = readEnvironment(CORE_OPTIONS, env);
  return { settings: Object.fromEntries(settings), ...rest };
};

describe('readEnvironment', () => {
  it('reads regular and irregular names', () => {
    expect(read({ OCTOSERVE_SERVER_READ_TIMEOUT: '1m', OCTOSERVE_TLS_CERT: 'x.pem', PATH: '/bin' })).toEqual({
      settings: {
        'server.read_timeout': { name: 'OCTOSERVE_SERVER_READ_TIMEOUT', value: '1m' },
        'server.tls.cert': { name: 'OCTOSERVE_TLS_CERT', value: 'x.pem' },
      },
      problems: [],
      warnings: [],
    });
  });

  it.each([
    ['OCTOSERVE_SERVER_ADDRESS', 'server.address'],
    ['OCTOSERVE_SERVER_PORT', 'server.port'],
    ['OCTOSERVE_TLS_CERT', 'server.tls.cert'],
    ['OCTOSERVE_TLS_KEY', 'server.tls.key'],
    ['OCTOSERVE_LOG_LEVEL', 'log.level'],
    ['OCTOSERVE_LOG_FORMAT', 'log.format'],
    ['OCTOSERVE_METRICS_ENABLED', 'metrics.enabled'],
    ['OCTOSERVE_METRICS_ENDPOINT', 'metrics.endpoint'],
    ['OCTOSERVE_METRICS_USERNAME', 'metrics.basic_auth.username'],
    ['OCTOSERVE_METRICS_PASSWORD', 'metrics.basic_auth.password'],
  ])('knows the name %s of the contract', (name, key) => {
    expect(Object.keys(read({ [name]: 'x' }).settings)).toEqual([key]);
  });

  it('counts an empty variable as not set', () => {
    expect(read({ OCTOSERVE_SERVER_PORT: '', OCTOSERVE_NONSENSE: '' })).toEqual({
      settings: {},
      problems: [],
      warnings: [],
    });
  });

  it('refuses two names of one setting that differ, naming both', () => {
    expect(read({ OCTOSERVE_SERVER_TLS_KEY: 'a', OCTOSERVE_TLS_KEY: 'b' }).problems).toEqual([
      'OCTOSERVE_SERVER_TLS_KEY and OCTOSERVE_TLS_KEY are the same setting, but differ: unset one of them',
    ]);
    expect(read({ OCTOSERVE_SERVER_TLS_KEY: 'a', OCTOSERVE_TLS_KEY: 'a' }).problems).toEqual([]);
  });

  it('warns of a variable that is no setting, naming the nearest', () => {
    expect(read({ OCTOSERVE_SERVER_PROT: '1' }).warnings).toEqual([
      'OCTOSERVE_SERVER_PROT is no setting and has no effect; the nearest is OCTOSERVE_SERVER_PORT',
    ]);
  });

  it('is silent about what Kubernetes sets for a service of that name', () => {
    const kubernetes = {
      OCTOSERVE_SERVICE_HOST: '10.0.0.1',
      OCTOSERVE_SERVICE_PORT_HTTP: '80',
      OCTOSERVE_PORT: 'tcp://10.0.0.1:80',
      OCTOSERVE_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(read(kubernetes).warnings).toEqual([]);
  });
});
