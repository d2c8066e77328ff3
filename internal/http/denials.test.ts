import { describe, expect, it } from '@jest/globals';
import { OciError, parseRepositoryName } from '../../pkg/oci/index.ts';
import { denialOf } from './denials.ts';
import type { Exchange } from './exchange.ts';

const repository = parseRepositoryName('team/app');
const exchange = (more: Partial<Exchange>): Exchange =>
  ({
    method: 'PUT',
    path: '/v2/team/app/manifests/v1',
    principal: 'user:bob',
    address: '192.0.2.1',
    requestId: 'r1',
    demand: { action: 'push', visibility: 'repository', repository },
    isDenied: false,
    ...more,
  }) as Exchange;

describe('denialOf', () => {
  const told = {
    by: { principal: 'user:bob', address: '192.0.2.1', requestId: 'r1' },
    action: 'access.push',
    name: 'PUT /v2/team/app/manifests/v1',
    repository,
    result: 'denied',
  };

  it('tells who was refused what', () => {
    expect(denialOf(exchange({ isDenied: true }))).toEqual(told);
  });

  it('tells of what is refused only beside the rows, with the reason', () => {
    const failure = new OciError('DENIED', 'the tag is there already');
    expect(denialOf(exchange({ failure }))).toEqual({ ...told, detail: { reason: 'the tag is there already' } });
  });

  it('says nothing of what was let through, also where it failed', () => {
    expect(denialOf(exchange({}))).toBeUndefined();
    expect(denialOf(exchange({ failure: new OciError('MANIFEST_INVALID') }))).toBeUndefined();
    expect(denialOf(exchange({ demand: undefined, failure: new OciError('DENIED') }))).toBeUndefined();
  });

  it('does not tell which upload was meant', () => {
    const path = '/v2/team/app/blobs/uploads/0b0e7c1e-0000-4000-8000-000000000000';
    expect(denialOf(exchange({ isDenied: true, path }))?.name).toBe('PUT /v2/team/app/blobs/uploads/REDACTED');
  });

  it('tells a list of repositories for a pull, and nothing where nothing was to be done', () => {
    const list = { action: 'catalog', visibility: 'challenged', repository: undefined } as const;
    expect(denialOf(exchange({ isDenied: true, demand: list }))).toMatchObject({ action: 'access.pull' });
    expect(denialOf(exchange({ isDenied: true, demand: { ...list, action: 'none' } }))).toBeUndefined();
  });
});
