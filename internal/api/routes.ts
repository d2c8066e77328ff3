import type { Route } from '../http/index.ts';
import { DOCS, type RouteKey } from './docs.ts';
import type { ApiDeps, Handler, TargetOf } from './handler.ts';
import { deleteBlob, getBlob, headBlob } from './handlers/blobs.ts';
import { getBase, listNoReferrers, listReferrers, listRepositories, listTags } from './handlers/lists.ts';
import { deleteManifest, getManifest, headManifest, putManifest } from './handlers/manifests.ts';
import { cancelUpload, finishUpload, getUpload, patchUpload, startUpload } from './handlers/uploads.ts';
import type { Target, TargetPath } from './path.ts';

export type ApiRoute = Route<Target>;

/** Every route of `/v2`. A HEAD that is not here answers like the GET, without a body. */
export function createRoutes(deps: ApiDeps): readonly ApiRoute[] {
  // One without an entry among the docs is an error of its types.
  const route = <Method extends ApiRoute['method'], Path extends TargetPath>(
    method: `${Method} ${Path}` extends RouteKey ? Method : never,
    path: Path,
    action: ApiRoute['action'],
    handler: Handler<Path>,
    visibility: ApiRoute['visibility'] = 'repository',
    hidden?: Handler<Path>,
  ): ApiRoute => ({
    method,
    path,
    action,
    visibility,
    doc: DOCS[`${method} ${path}` as RouteKey],
    handler: (target, exchange) => handler(deps, target as TargetOf<Path>, exchange), // matched by path
    hidden: hidden && ((target, exchange) => hidden(deps, target as TargetOf<Path>, exchange)),
  });
  return [
    route('GET', '/v2/', 'none', getBase, 'challenged'),
    route('GET', '/v2/_catalog', 'catalog', listRepositories, 'challenged'),
    route('GET', '/v2/{name}/manifests/{reference}', 'pull', getManifest),
    route('HEAD', '/v2/{name}/manifests/{reference}', 'pull', headManifest),
    route('PUT', '/v2/{name}/manifests/{reference}', 'push', putManifest),
    route('DELETE', '/v2/{name}/manifests/{reference}', 'delete', deleteManifest),
    route('GET', '/v2/{name}/blobs/{digest}', 'pull', getBlob),
    route('HEAD', '/v2/{name}/blobs/{digest}', 'pull', headBlob),
    route('DELETE', '/v2/{name}/blobs/{digest}', 'delete', deleteBlob),
    route('POST', '/v2/{name}/blobs/uploads/', 'push', startUpload),
    route('GET', '/v2/{name}/blobs/uploads/{uuid}', 'push', getUpload),
    route('PATCH', '/v2/{name}/blobs/uploads/{uuid}', 'push', patchUpload),
    route('PUT', '/v2/{name}/blobs/uploads/{uuid}', 'push', finishUpload),
    route('DELETE', '/v2/{name}/blobs/uploads/{uuid}', 'push', cancelUpload),
    route('GET', '/v2/{name}/tags/list', 'pull', listTags),
    route('GET', '/v2/{name}/referrers/{digest}', 'pull', listReferrers, 'repository', listNoReferrers),
  ];
}
