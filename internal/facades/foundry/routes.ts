import type { PathValues } from '../../http/index.ts';
import type { FacadeRoute } from '../types.ts';
import { collect } from './collection.ts';
import { DOCS } from './docs.ts';
import { artifactUnknown, download, remove } from './download.ts';
import type { FoundryDeps } from './foundry-deps.ts';
import { packages, packageUnknown, packageVersions } from './packages.ts';
import { readNamed, readPackage } from './requests.ts';
import { upload } from './upload.ts';

/** foundry contract, section 3: its six routes, and PUT beside POST. */
export function createRoutes(deps: FoundryDeps): readonly FacadeRoute[] {
  const { namespace, config } = deps;
  const base = config['facades.foundry.base_path'];
  const artifact = {
    path: `${base}/artifacts/{package}/{version}`,
    visibility: 'repository',
    repositoryOf: (values: PathValues) => readNamed(namespace, values).repository,
  } as const;
  const named = (values: PathValues) => readNamed(namespace, values);
  const send: Pick<FacadeRoute, 'action' | 'handler'> = {
    action: 'push',
    handler: (values, exchange) => upload(deps, named(values), exchange),
  };
  return [
    { ...artifact, ...send, method: 'POST', doc: DOCS.upload },
    { ...artifact, ...send, method: 'PUT', doc: DOCS.upload },
    {
      ...artifact,
      method: 'GET',
      action: 'pull',
      doc: DOCS.download,
      handler: (values, exchange) => download(deps, named(values), exchange),
      hidden: async (values) => {
        throw artifactUnknown(named(values));
      },
    },
    {
      ...artifact,
      method: 'DELETE',
      action: 'delete',
      doc: DOCS.remove,
      handler: (values, exchange) => remove(deps, named(values), exchange),
    },
    {
      method: 'GET',
      path: `${base}/packages`,
      action: 'catalog',
      visibility: 'challenged',
      doc: DOCS.packages,
      handler: (_, exchange) => packages(deps, exchange),
    },
    {
      method: 'GET',
      path: `${base}/packages/{package}`,
      action: 'pull',
      visibility: 'repository',
      repositoryOf: (values) => readPackage(namespace, values).repository,
      doc: DOCS.package,
      handler: (values, exchange) => packageVersions(deps, readPackage(namespace, values), exchange),
      hidden: async (values) => {
        throw packageUnknown(readPackage(namespace, values));
      },
    },
    {
      method: 'POST',
      path: `${base}/gc`,
      action: 'admin',
      visibility: 'admin',
      doc: DOCS.collect,
      handler: (_, exchange) => collect(deps, exchange),
    },
  ];
}
