import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { basePath } from '../base/paths';
import { NotFound } from './NotFound';
import { Shell } from './Shell';

/** Every value of an address is text; a page reads what it knows and ignores the rest. */
export type Search = Readonly<Record<string, string | undefined>>;

const validateSearch = (search: Record<string, unknown>): Search =>
  Object.fromEntries(Object.entries(search).map(([key, value]) => [key, String(value)]));

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, validateSearch });

const parent = (): typeof root => root;

// Each area is a chunk of its own, loaded when it is first visited.
const routes = [
  createRoute({ getParentRoute: parent, path: '/', component: lazyRouteComponent(() => import('../pages/home/HomePage'), 'HomePage') }),
  createRoute({ getParentRoute: parent, path: '/training/jobs', component: lazyRouteComponent(() => import('../pages/training/JobsPage'), 'JobsPage') }),
  createRoute({ getParentRoute: parent, path: '/training/jobs/create', component: lazyRouteComponent(() => import('../pages/create/CreateJobPage'), 'CreateJobPage') }),
  createRoute({ getParentRoute: parent, path: '/training/jobs/compare', component: lazyRouteComponent(() => import('../pages/training/ComparePage'), 'ComparePage') }),
  createRoute({ getParentRoute: parent, path: '/training/jobs/$name', component: lazyRouteComponent(() => import('../pages/training/JobPage'), 'JobPage') }),
  createRoute({ getParentRoute: parent, path: '/training/algorithms', component: lazyRouteComponent(() => import('../pages/training/AlgorithmsPage'), 'AlgorithmsPage') }),
  createRoute({ getParentRoute: parent, path: '/inference/models', component: lazyRouteComponent(() => import('../pages/inference/ModelsPage'), 'ModelsPage') }),
  createRoute({ getParentRoute: parent, path: '/inference/models/create', component: lazyRouteComponent(() => import('../pages/inference/CreateModelPage'), 'CreateModelPage') }),
  createRoute({ getParentRoute: parent, path: '/inference/models/$name', component: lazyRouteComponent(() => import('../pages/inference/ModelPage'), 'ModelPage') }),
  createRoute({ getParentRoute: parent, path: '/inference/endpoints', component: lazyRouteComponent(() => import('../pages/inference/EndpointsPage'), 'EndpointsPage') }),
  createRoute({ getParentRoute: parent, path: '/inference/endpoints/create', component: lazyRouteComponent(() => import('../pages/inference/CreateEndpointPage'), 'CreateEndpointPage') }),
  createRoute({ getParentRoute: parent, path: '/inference/endpoints/$name', component: lazyRouteComponent(() => import('../pages/inference/EndpointPage'), 'EndpointPage') }),
  createRoute({ getParentRoute: parent, path: '/data/s3', component: lazyRouteComponent(() => import('../pages/data/BucketsPage'), 'BucketsPage') }),
  createRoute({ getParentRoute: parent, path: '/data/s3/$bucket', component: lazyRouteComponent(() => import('../pages/data/BucketPage'), 'BucketPage') }),
  createRoute({ getParentRoute: parent, path: '/data/filesystems', component: lazyRouteComponent(() => import('../pages/data/FileSystemsPage'), 'FileSystemsPage') }),
  createRoute({ getParentRoute: parent, path: '/data/lists', component: lazyRouteComponent(() => import('../pages/lists/ListsPage'), 'ListsPage') }),
  createRoute({ getParentRoute: parent, path: '/data/lists/diff', component: lazyRouteComponent(() => import('../pages/lists/DiffPage'), 'DiffPage') }),
  createRoute({ getParentRoute: parent, path: '/data/lists/$id', component: lazyRouteComponent(() => import('../pages/lists/ListPage'), 'ListPage') }),
  createRoute({ getParentRoute: parent, path: '/data/proposals', component: lazyRouteComponent(() => import('../pages/lists/ProposalsPage'), 'ProposalsPage') }),
  createRoute({ getParentRoute: parent, path: '/data/proposals/$number', component: lazyRouteComponent(() => import('../pages/lists/ProposalPage'), 'ProposalPage') }),
  createRoute({ getParentRoute: parent, path: '/data/impact', component: lazyRouteComponent(() => import('../pages/lists/ImpactPage'), 'ImpactPage') }),
  createRoute({ getParentRoute: parent, path: '/system/settings', component: lazyRouteComponent(() => import('../pages/system/SettingsPage'), 'SettingsPage') }),
  createRoute({ getParentRoute: parent, path: '/licenses', component: lazyRouteComponent(() => import('../pages/system/LicencesPage'), 'LicencesPage') }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: basePath,
  // A page of another bucket, job or list begins anew: what was selected or waits belongs to the former.
  defaultRemountDeps: ({ params }) => params,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(entries as [string, string][]).toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
