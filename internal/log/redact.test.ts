import { describe, expect, it } from '@jest/globals';
import { isSecretName, redactPath, redactQuery, redactText } from './redact.ts';

describe('redactQuery', () => {
  it.each([
    ['', ''],
    ['n=2&last=1.0', 'n=2&last=1.0'],
    ['digest=sha256:ab', 'digest=sha256:ab'],
    ['mount=sha256%3Aab&from=a%2Fb', 'mount=sha256%3Aab&from=a%2Fb'],
    ['access_token=abc', 'access_token=REDACTED'],
    ['n=2&_state=abc&last=x', 'n=2&_state=REDACTED&last=x'],
    ['X-Amz-Signature=a&X-Amz-Credential=b&x=1', 'X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&x=1'],
    ['%74oken=abc', '%74oken=REDACTED'],
    ['PassWord=a=b', 'PassWord=REDACTED'],
    ['api%2Dkey=1', 'api%2Dkey=REDACTED'],
    ['a=%zz&%zz=1', 'a=%zz&%zz=1'],
    ['=x&token', '=x&token'],
  ])('writes %j as %j', (query, written) => {
    expect(redactQuery(query)).toBe(written);
  });
});

describe('isSecretName', () => {
  it.each(['Authorization', 'cookie', 'Set-Cookie', 'client_secret', 'refresh_token', 'x-api-key', 'code', 'sig'])(
    'holds %s back',
    (name) => expect(isSecretName(name)).toBe(true),
  );
  it.each(['path', 'digest', 'artifactType', 'status', 'tag', 'signed', 'monkey', 'request_id', 'author'])(
    'shows %s',
    (name) => expect(isSecretName(name)).toBe(false),
  );
});

describe('redactPath', () => {
  it.each([
    ['/v2/a/blobs/uploads/3f0e1c52-8a67', '/v2/a/blobs/uploads/REDACTED'],
    ['/v2/a/blobs/uploads/', '/v2/a/blobs/uploads/'],
    ['/v2/a/blobs/sha256:ab', '/v2/a/blobs/sha256:ab'],
  ])('writes %s as %s', (path, written) => {
    expect(redactPath(path)).toBe(written);
  });
});

describe('redactText', () => {
  it('takes the password out of each URL in a message', () => {
    expect(redactText('connect postgres://me:pw@db/x then http://a:b@c, not http://d:80/e@f')).toBe(
      'connect postgres://me:REDACTED@db/x then http://a:REDACTED@c, not http://d:80/e@f',
    );
  });

  it.each([
    ['EIO: uploads/0f8fad5b-d9cb-469f-a165-70867728950e/data', 'EIO: uploads/REDACTED/data'],
    ['PUT /v2/a/blobs/uploads/0F8FAD5B-D9CB-469F-A165-70867728950E: reset', 'PUT /v2/a/blobs/uploads/REDACTED: reset'],
    ['uploads/ and uploads/x', 'uploads/ and uploads/x'],
    [
      "ENOENT, open '/srv/uploads/0f8fad5b-d9cb-469f-a165-70867728950e.json'",
      "ENOENT, open '/srv/uploads/REDACTED.json'",
    ],
    ['blobs/0f8fad5b-d9cb-469f-a165-70867728950e', 'blobs/0f8fad5b-d9cb-469f-a165-70867728950e'],
  ])('writes %j, with the id of an upload, as %j', (text, written) => {
    expect(redactText(text)).toBe(written);
  });
});
