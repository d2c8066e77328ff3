import { describe, expect, it } from '@jest/globals';
import type { Option } from './option.ts';
import { CORE_OPTIONS } from './options.ts';
import { readValue } from './value.ts';

const read = (key: string, text: string) => {
  const option = CORE_OPTIONS.find((each: Option) => each.key === key) as Option;
  return 'value' in readValue(option, text, 'text');
};

describe('CORE_OPTIONS', () => {
  it.each([
    ['server.public_url', 'https://registry.example.com', true],
    ['server.public_url', 'http://localhost:5000', true],
    ['server.public_url', 'https://registry.example.com/', false],
    ['server.public_url', 'https://registry.example.com/path', false],
    ['server.public_url', 'https://user@registry.example.com', false],
    ['server.public_url', 'registry.example.com', false],
    ['server.public_url', 'ftp://registry.example.com', false],
    ['server.trusted_proxies', '10.0.0.1,192.168.0.0/16,::1,fd00::/8', true],
    ['server.trusted_proxies', '10.0.0.0/33', false],
    ['server.trusted_proxies', 'fd00::/129', false],
    ['server.trusted_proxies', '10.0.0.0/8/8', false],
    ['server.trusted_proxies', 'proxy.example.com', false],
    ['server.cors_origins', 'https://ui.example.com,http://localhost:3000', true],
    ['server.cors_origins', 'https://ui.example.com,*', false],
    ['server.workers', 'auto', true],
    ['server.workers', '16', true],
    ['server.workers', '0', false],
    ['server.workers', 'all', false],
    ['server.max_header_size', '16KiB', true],
    ['server.max_header_size', '1KiB', false],
    ['metrics.endpoint', '/internal/metrics', true],
    ['metrics.endpoint', 'metrics', false],
    ['metrics.endpoint', '/', false],
    ['metrics.endpoint', '/v2/metrics', false],
    ['metrics.endpoint', '/a/../v2', false],
  ])('%s of %s: accepted is %s', (key, text, accepted) => {
    expect(read(key, text)).toBe(accepted);
  });
});
